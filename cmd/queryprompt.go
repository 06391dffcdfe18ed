package cmd

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"time"
	"unicode"

	"golang.org/x/term"

	"asof/cmd/render"
	"asof/inspect/ask"
)

// promptHelp lists the commands of the prompt.
const promptHelp = `  SELECT …     answers one statement; it continues on the next line if it lacks its end,
               or the line ends with \; an empty line drops it
  \tables      lists the tables with their columns
  \t POINT     sets the moment of all tables; \t alone is now
  \q           ends; so does Ctrl-D
  Ctrl-C       ends the question that is being answered, or drops the line
Tab completes tables and columns, the arrows bring back earlier lines.`

// A queryPrompt answers one statement after another on a terminal. Each is asked of the
// store as it then is.
type queryPrompt struct {
	*app
	o     queryOptions
	in    *os.File
	names []string // of tables and columns
	keys  promptKeys
	begun string // lines of a statement that lacks its end

	whole       context.Context // of the prompt; that of app is of one statement
	interrupted chan os.Signal
	last        time.Time // a statement was interrupted
}

// talks reports whether somebody can type SQL: with a terminal on both sides.
func (a *app) talks() bool {
	in, isFile := a.In.(*os.File)
	_, shown := a.Terminal(a.Out)
	return isFile && shown && !a.json && term.IsTerminal(int(in.Fd()))
}

func (a *app) promptSQL(o queryOptions) error {
	a.unpaged()
	in := a.In.(*os.File)
	p := &queryPrompt{app: a, o: o, in: in, keys: promptKeys{in: in}, whole: a.ctx, interrupted: make(chan os.Signal, 1)}
	names, err := ask.QueryNames{StoreRef: o.StoreRef, Folding: o.Folding, At: o.At}.Ask(a.ctx, a.work())
	if err != nil {
		return err
	}
	p.names = *names
	fmt.Fprintln(a.Out, `SQL about `+render.Safe(o.Store)+`; \? lists the commands`)
	// From here on, an interrupt ends a statement and not the program.
	signal.Reset(os.Interrupt)
	signal.Notify(p.interrupted, os.Interrupt)
	defer signal.Stop(p.interrupted)
	width, _ := a.Terminal(a.Out)
	t := term.NewTerminal(struct {
		io.Reader
		io.Writer
	}{&p.keys, a.Out}, "")
	_ = t.SetSize(width, 24) // it fails only for sizes below zero
	t.AutoCompleteCallback = func(line string, pos int, key rune) (string, int, bool) { return p.complete(t, line, pos, key) }
	for {
		sql, err := p.statement(t)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if !p.interruptibly(func() bool { return p.answer(sql) }) {
			return a.ctx.Err()
		}
	}
}

// statement reads lines up to one that does not continue.
func (p *queryPrompt) statement(t *term.Terminal) (string, error) {
	var sql strings.Builder
	sql.WriteString(p.begun)
	p.begun = ""
	first := cmp.Or(p.o.At, "now") + "> "
	for {
		prompt := first
		if sql.Len() > 0 {
			prompt = strings.Repeat(" ", max(len(first)-2, 0)) + "> "
		}
		t.SetPrompt(render.Safe(prompt))
		line, err := p.line(t)
		if dropped := sql.Len() > 0 && strings.TrimSpace(line) == ""; err != nil || p.keys.dropped || dropped {
			p.keys.dropped = false
			return "", err
		}
		more, continued := strings.CutSuffix(strings.TrimRight(line, " "), `\`)
		sql.WriteString(more)
		if !continued || more == "" {
			return strings.TrimSpace(sql.String()), nil
		}
		sql.WriteByte('\n')
	}
}

// line reads one line. The terminal is in its raw mode only meanwhile, so that Ctrl-C ends
// a question.
func (p *queryPrompt) line(t *term.Terminal) (string, error) {
	before, err := term.MakeRaw(int(p.in.Fd()))
	if err != nil {
		return "", err
	}
	defer term.Restore(int(p.in.Fd()), before) //nolint:errcheck // nothing else can be done
	type result struct {
		line string
		err  error
	}
	read := make(chan result, 1)
	go func() {
		line, err := t.ReadLine()
		read <- result{line, err}
	}()
	select {
	case r := <-read:
		return r.line, r.err
	case <-p.ctx.Done():
		return "", context.Cause(p.ctx)
	}
}

// answer carries out a line. It returns false if it was the last.
func (p *queryPrompt) answer(line string) (more bool) {
	word, rest, _ := strings.Cut(line, " ")
	o := p.o
	switch strings.ToLower(strings.TrimSuffix(word, ";")) {
	case "":
		return true
	case `\q`, "exit", "quit", ".quit", ".exit":
		return false
	case `\?`, `\h`, "help", ".help":
		fmt.Fprintln(p.Out, promptHelp)
		return true
	case `\t`:
		o.At, o.SQL = strings.TrimSpace(rest), "SELECT 1 WHERE 0"
		if err := o.checkMoment(p.app); err != nil {
			p.failed(err)
			return true
		}
		p.o.At = o.At
		return true
	case `\tables`, ".tables", `\d`, `\dt`:
		o.tables = true
	default:
		o.SQL = line
	}
	if err := p.runQuery(o); err != nil {
		var lacking interface{ Incomplete() bool }
		switch {
		case errors.As(err, &lacking) && lacking.Incomplete() && !strings.HasSuffix(line, ";"):
			p.release()
			p.begun = line + "\n"
		case p.whole.Err() != nil:
			return false
		case p.ctx.Err() != nil:
			p.release()
			fmt.Fprintln(p.Out, "interrupted")
		default:
			p.failed(err)
		}
	}
	return true
}

// checkMoment resolves the moment, by a statement that reads nothing.
func (o queryOptions) checkMoment(a *app) error {
	for _, err := range o.Ask(a.ctx, a.work()) {
		if err != nil {
			return err
		}
	}
	return nil
}

// failed prints an error and continues.
func (p *queryPrompt) failed(err error) {
	p.release()
	f := p.failure("", err)
	if strings.Contains(f.Hint, "\n") { // a command line, which is not for this prompt
		f.Hint, _, _ = strings.Cut(f.Hint, "\n")
	}
	width, _ := p.Terminal(p.Err)
	out := render.New(p.Err, render.Options{Color: p.useColor(p.Err), Width: width, Zone: p.zone})
	out.Error(f)
	_ = out.Flush() // a failure here can't be reported
}

// mostNames is how many names a second Tab lists.
const mostNames = 60

// complete completes the word before the cursor, as far as one can. Where the next letter
// is a choice, it lists the names.
func (p *queryPrompt) complete(t *term.Terminal, line string, pos int, key rune) (string, int, bool) {
	if key != '\t' {
		return "", 0, false
	}
	begin := strings.LastIndexFunc(line[:pos], func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '_' && r != '\\' }) + 1
	word := line[begin:pos]
	near := beginning(word, p.names)
	full := sharedBy(near, len(word))
	if full == word && len(near) > 1 {
		list := near[:min(len(near), mostNames)]
		text := strings.Join(list, "  ")
		if more := len(near) - len(list); more > 0 {
			text += fmt.Sprintf("  and %d more", more)
		}
		fmt.Fprintln(t, render.Safe(text))
	}
	if full == "" {
		return line, pos, true
	}
	return line[:begin] + full + line[pos:], begin + len(full), true
}

// beginning are the names, and commands, that begin with a word in either case.
func beginning(word string, names []string) (near []string) {
	for _, name := range slices.Concat(names, []string{`\tables`}) {
		if word != "" && len(name) >= len(word) && strings.EqualFold(name[:len(word)], word) {
			near = append(near, name)
		}
	}
	slices.Sort(near)
	return slices.Compact(near)
}

// sharedBy is the longest text that all names begin with; empty, if it is shorter than the
// word that they complete. The case of letters is that of the names.
func sharedBy(names []string, word int) string {
	if len(names) == 0 {
		return ""
	}
	out := names[0]
	for _, name := range names[1:] {
		n := 0
		for n < len(out) && n < len(name) && out[n] == name[n] {
			n++
		}
		out = out[:n]
	}
	if len(out) < word {
		return ""
	}
	return out
}
