package render

import (
	"strings"

	"asof/replay"
	"asof/replay/state"
)

// What is said besides an answer: notes, commands to type next, and effects that
// a projection would have had.

// NoteJSON is {"note":{"code","message"}}.
func NoteJSON(code, text string) state.Value {
	n := state.NewObject()
	n.Set("code", jsonText(code))
	n.Set("message", state.StringValue(text))
	whole := state.NewObject()
	whole.Set("note", n.Value())
	return whole.Value()
}

// Remark prints something about an answer that its reader should know, for
// standard error: [Printer.Note], or [NoteJSON] on a line.
func (p *Printer) Remark(code, text string) {
	if p.o.JSON {
		p.jsonLine(NoteJSON(code, text))
		return
	}
	first, rest, more := strings.Cut(text, "\n")
	p.Note("note: " + first)
	if more { // what a command says
		p.source(rest)
	}
}

// Effect is something that a projection would have done at an event.
type Effect struct {
	Kind, Stream, Type, Link string
	Body, Meta               []byte
	Text                     string
}

// Effect prints one effect: in JSON {"moment","kind","stream","type","link",
// "body","metadata","text"}.
func (p *Printer) Effect(at replay.Moment, e Effect) {
	if p.o.JSON {
		n := state.NewObject()
		n.Set("moment", MomentJSON(at))
		n.Set("kind", state.StringValue(e.Kind))
		n.Set("stream", jsonText(e.Stream))
		n.Set("type", jsonText(e.Type))
		n.Set("link", jsonText(e.Link))
		n.Set("body", jsonBytes(e.Body))
		n.Set("metadata", jsonBytes(e.Meta))
		n.Set("text", jsonText(e.Text))
		p.jsonLine(n.Value())
		return
	}
	p.put(p.st.strong, pointName(at))
	parts := []string{e.Kind, e.Stream, e.Type, e.Link, e.Text, string(e.Body), string(e.Meta)}
	for _, s := range parts {
		if s != "" {
			p.text("  " + clean(s))
		}
	}
	p.newline()
}

// jsonBytes is the JSON that b holds, or null.
func jsonBytes(b []byte) state.Value {
	if v, err := state.Parse(b); err == nil {
		return v
	}
	return state.NullValue()
}

// Quote writes an argument as one would type it into a shell.
func Quote(arg string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("@%+=:,./_-~^", r)
	}
	if arg != "" && strings.IndexFunc(arg, func(r rune) bool { return !plain(r) }) < 0 && arg[0] != '~' {
		return arg
	}
	return "'" + strings.ReplaceAll(Safe(arg), "'", `'\''`) + "'"
}
