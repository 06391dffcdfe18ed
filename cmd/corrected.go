package cmd

import (
	"slices"
	"strings"

	"asof/replay/fault"
)

// A slip that is not taken is answered with the command line that was probably meant:
// the one that was typed, with the remedy of the error carried out.

// hint returns what to do next after err, or "". A command to paste is on a line of its
// own.
func (a *app) hint(err error) string {
	if unknown, ok := unknownStore(err); ok {
		if hint := a.unknownHint(unknown); hint != "" {
			return hint
		}
	}
	if hint := a.severalHint(err); hint != "" {
		return hint
	}
	r := fault.RemedyOf(err)
	if a.Dir != "" && len(r.Near) > 0 { // the command line names files from there
		r.For, r.Near = a.fromHere(r.For), slices.Clone(r.Near)
		for i, name := range r.Near {
			r.Near[i] = a.fromHere(name)
		}
	}
	line := corrected(a.typed, r)
	if line == nil && r.Ask != "" && len(r.On) > 0 && len(r.Set) == 0 {
		line = append(strings.Fields(r.Ask), r.On...)
		r.Ask = ""
	}
	if line == nil {
		return hintOf(err)
	}
	if r.Redo {
		r.Set, r.Drop = nil, nil
	}
	return strings.TrimPrefix(remedyText(r)+"\nasof "+commandLine(line), "\n")
}

func (a *app) fromHere(path string) string { return strings.TrimPrefix(path, a.Dir+"/") }

// corrected returns the arguments of a command line with a remedy carried out, or nil if
// the remedy does not say how.
func corrected(typed []string, r fault.Remedy) []string {
	switch {
	case r.Redo:
		return redone(typed, r)
	case r.For != "" && r.Instead != "":
		return replaced(typed, r.For, r.Instead)
	case r.For != "" && len(r.Near) > 0:
		return replaced(typed, r.For, r.Near[0])
	}
	return nil
}

// redone sets and drops flags. Flags without a value can be dropped, and only those
// that are set already can be set.
func redone(typed []string, r fault.Remedy) []string {
	out := slices.Clone(typed)
	for _, o := range r.Set {
		i := slices.IndexFunc(out, func(w string) bool { return w == "--"+o.Name || strings.HasPrefix(w, "--"+o.Name+"=") })
		switch {
		case i < 0 || len(o.Values) != 1:
			return nil
		case strings.Contains(out[i], "="):
			out[i] = "--" + o.Name + "=" + o.Values[0]
		case i+1 < len(out):
			out[i+1] = o.Values[0]
		}
	}
	for _, name := range r.Drop {
		n := len(out)
		if out = slices.DeleteFunc(out, func(w string) bool { return w == "--"+name }); len(out) == n {
			return nil
		}
	}
	return out
}

// replaced replaces the one place where wrong stands: a word, two words, or else a part
// of one.
func replaced(typed []string, wrong, right string) []string {
	out := slices.Clone(typed)
	if at := wordsThatAre(typed, wrong); len(at) > 0 {
		out[at[0]] = right
		return out
	}
	for i := range len(typed) - 1 {
		if typed[i]+" "+typed[i+1] == wrong {
			if typed[i+1]+" "+typed[i] == right {
				out[i], out[i+1] = out[i+1], out[i]
				return out
			}
			return slices.Replace(out, i, i+2, right)
		}
	}
	word, start := -1, 0
	for i, w := range typed {
		for from := 0; ; {
			j := strings.Index(w[from:], wrong)
			if j < 0 {
				break
			}
			j += from
			from = j + 1
			if !isPart(w, j, j+len(wrong)) {
				continue
			}
			if word >= 0 {
				return nil // it stands in two places
			}
			word, start = i, j
		}
	}
	if word < 0 {
		return nil
	}
	w := typed[word]
	out[word] = w[:start] + right + w[start+len(wrong):]
	return out
}

func wordsThatAre(typed []string, word string) (at []int) {
	for i, w := range typed {
		if w == word {
			at = append(at, i)
		}
	}
	if len(at) > 1 {
		return nil
	}
	return at
}

// isPart reports whether word[from:to] is a whole part of a word, such as the stream or
// the point of STREAM@POINT, or the value of a flag.
func isPart(word string, from, to int) bool {
	const ends = "@=:.,~+# "
	return (from == 0 || strings.ContainsRune(ends, rune(word[from-1]))) &&
		(to == len(word) || strings.ContainsRune(ends, rune(word[to])))
}
