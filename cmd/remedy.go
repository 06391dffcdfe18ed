package cmd

import (
	"slices"
	"strings"

	"asof/cmd/render"
	"asof/inspect/wire"
	"asof/replay/fault"
)

// hintOf returns what to do next after err, in terms of the command line, or "".
func hintOf(err error) string {
	if r := fault.RemedyOf(err); !r.IsZero() {
		return remedyText(r)
	}
	return ""
}

// errorJSON returns an error as JSON: its message as printed, with its kind and with
// the names that may have been meant.
func (a *app) errorJSON(err error, f wire.Failure, hint string) wire.Error {
	f.Kind = string(fault.KindOf(err))
	if f.Code == exitInterrupted {
		f.Kind = string(fault.KindInterrupted)
	}
	r := fault.RemedyOf(err)
	for _, name := range slices.Concat(r.Near, r.Said) {
		f.Near = append(f.Near, a.scrub(name))
	}
	return wire.NewError(f, hint)
}

// remedyText returns a remedy as text: "choose one of its applications with --context: billing, shop".
func remedyText(r fault.Remedy) string {
	r = onOneLine(r)
	var b strings.Builder
	if len(r.Near) > 0 {
		b.WriteString("did you mean " + strings.Join(r.Near, ", ") + "?")
		if r.Text != "" {
			b.WriteString(" ")
		}
	}
	b.WriteString(r.Text)
	options := optionsText(r.Set)
	switch {
	case r.Ask != "":
		words := []string{"asof", r.Ask}
		for _, arg := range r.On {
			words = append(words, render.Quote(arg))
		}
		b.WriteString(" (" + strings.TrimSpace(strings.Join(append(words, options), " ")) + ")")
	case options != "":
		b.WriteString(" with " + options)
	}
	if len(r.Drop) > 0 {
		if b.Len() > 0 {
			b.WriteString(", or ")
		}
		b.WriteString("leave out --" + strings.Join(r.Drop, " and --"))
	}
	return b.String()
}

// onOneLine escapes the line breaks of names, which would look like the end of a line of
// the hint.
func onOneLine(r fault.Remedy) fault.Remedy {
	escape := strings.NewReplacer("\n", `\n`, "\r", `\r`)
	for _, name := range slices.Concat(r.Near, r.Said) {
		r.Text = strings.ReplaceAll(r.Text, name, escape.Replace(name))
	}
	near := make([]string, len(r.Near))
	for i, name := range r.Near {
		near[i] = escape.Replace(name)
	}
	r.Near = near
	return r
}

// optionsText returns options as flags. An option with several values is a choice.
func optionsText(options []fault.Option) string {
	words := make([]string, len(options))
	for i, o := range options {
		words[i] = "--" + o.Name
		switch len(o.Values) {
		case 0:
		case 1:
			words[i] += " " + render.Quote(o.Values[0])
		default:
			words[i] += ": " + strings.Join(o.Values, ", ")
		}
	}
	return strings.Join(words, " ")
}
