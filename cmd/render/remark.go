package render

import (
	"strings"

	"asof/inspect/wire"
	"asof/replay"
)

// Remark prints a note about an answer, for standard error.
func (p *Printer) Remark(text string) {
	first, rest, more := strings.Cut(text, "\n")
	p.Note("note: " + first)
	if more { // output of a command
		p.source(rest)
	}
}

// Effect prints one effect.
func (p *Printer) Effect(at replay.Moment, e wire.Emitted) {
	p.put(p.st.strong, pointName(at))
	parts := []string{e.Kind, e.Stream, e.Type, e.Link, e.Text, string(e.Body), string(e.Meta)}
	for _, s := range parts {
		if s != "" {
			p.text("  " + clean(s))
		}
	}
	p.newline()
}

// CommandLine returns arguments quoted for a shell.
func CommandLine(args []string) string {
	quoted := make([]string, len(args))
	for i, arg := range args {
		quoted[i] = Quote(arg)
	}
	return strings.Join(quoted, " ")
}

// Quote returns an argument quoted for a shell.
func Quote(arg string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("@%+=:,./_-~^…", r)
	}
	if arg != "" && strings.IndexFunc(arg, func(r rune) bool { return !plain(r) }) < 0 && arg[0] != '~' && arg[0] != '=' { // zsh replaces both
		return arg
	}
	if Safe(arg) != arg {
		return quoteEscaped(arg)
	}
	return "'" + strings.ReplaceAll(arg, "'", `'\''`) + "'"
}

// quoteEscaped quotes an argument with characters that are not printed as they are, as
// bash, zsh and ksh read it.
func quoteEscaped(arg string) string {
	b := []byte("$'")
	for len(arg) > 0 {
		u := nextUnit(arg, false)
		for _, c := range []byte(arg[:u.n]) {
			switch {
			case c == '\n':
				b = append(b, `\n`...)
			case c == '\t':
				b = append(b, `\t`...)
			case u.escaped:
				b = appendHex(append(b, `\x`...), rune(c), 2)
			case c == '\'' || c == '\\':
				b = append(b, '\\', c)
			default:
				b = append(b, c)
			}
		}
		arg = arg[u.n:]
	}
	return string(append(b, '\''))
}

// Announce prints a command that is about to run, and why.
func (p *Printer) Announce(why, command string) {
	p.newline()
	p.dim("# " + clean(why))
	p.newline()
	p.text("$ ")
	p.put(p.st.strong, clean(command))
	p.newline()
}
