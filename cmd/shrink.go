package cmd

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"asof/cmd/render"
	"asof/inspect/whatif"
	"asof/inspect/wire"
	"asof/replay"
	"asof/replay/fold"
	"asof/replay/fold/js"
	"asof/replay/workspace"
)

type shrinkOptions struct {
	pointFlags
	conditionFlags
	tests  int64
	out    string
	force  bool
	format string
}

func (a *app) shrinkCommand() *cobra.Command {
	var o shrinkOptions
	c := &cobra.Command{
		Use:   "shrink STORE STREAM[@POINT]",
		Short: "Find the fewest events that still give the bad state",
		Long: `Leave out as many events as can be while the state at the end stays bad, by
delta debugging (ddmin): of the events that are left, none can be left out. That
is tested at the end once more. Histories that can't be folded count as good.

The bad state is that at the point; without one, the first that an event made
bad.

--out writes the events to a new file, in the form of its extension or --format:
.ndjson, CloudEvents, or a test in which they are given and the state must be
good: .js (runs as it is, on Node, where the fold is a script or merge), .go, or
.py for eventsourcing. A dash is standard output.

Ctrl-C ends the search and keeps the best that was found; so does --tests.` + exits(exitNoStream, "5    the projection, an upcaster or the expression failed", "130  interrupted; the best that was found was printed"),
		Example: `  asof shrink shop.db cart-42 --bad 'state.total < 0'
  asof shrink shop.db cart-42@28 --good 'state.total >= 0' --out cart-42.test.js
  asof shrink shop.db cart-42 --bad 'state.total < 0' --out - --format ndjson`,
		Args: args(2, 2, "STORE", "STREAM"),
		RunE: func(_ *cobra.Command, args []string) error { return a.shrink(args[0], args[1], o) },
	}
	o.pointFlags.add(a, c)
	fl := c.Flags()
	o.conditionFlags.add(fl)
	fl.Int64Var(&o.tests, "tests", 20_000, "fold at most so many histories")
	fl.StringVar(&o.out, "out", "", "write the events to this new file; - is standard output")
	fl.BoolVar(&o.force, "force", false, "let --out replace a file")
	fl.StringVar(&o.format, "format", "", "ndjson, cloudevents, js, go or python (default: by the extension of --out)")
	return c
}

func (a *app) shrink(storeName, name string, o shrinkOptions) error {
	if !o.given() {
		return usagef("give --bad or --good", "which states are bad?")
	}
	if o.tests < 1 {
		return usagef("write a number such as 20000", "bad --tests %d", o.tests)
	}
	format, err := a.shrinkFormat(o)
	if err != nil {
		return err
	}
	cond, err := a.condition(o.conditionFlags)
	if err != nil {
		return err
	}
	return a.atPoint(storeName, name, o.pointFlags, func(t *workspace.Target, upTo replay.Moment) error {
		so, err := shrinkRange(t, upTo, o)
		if err == nil && o.out != "" {
			err = a.mayWrite(o.output()) // say so before the work
		}
		if err != nil {
			return err
		}
		bar := a.progress("tests", -1)
		so.Progress = func(int64, int) { bar.add(1) }
		ans, err := whatif.Shrink(a.ctx, t.Subject, cond, so)
		bar.done()
		if err != nil {
			return err
		}
		a.conditionWarnings(cond)
		t.NoteGuess()
		a.restsOn(t)
		return a.printShrunk(ans, storeName, t, o, format)
	})
}

// shrinkRange says which bad state is meant: that at the point, if one was asked
// for.
func shrinkRange(t *workspace.Target, upTo replay.Moment, o shrinkOptions) (whatif.ShrinkOptions, error) {
	so := whatif.ShrinkOptions{Tests: o.tests, UpTo: upTo}
	if upTo.IsStart() {
		return so, usagef("name a later point", "there are no events up to the start")
	}
	if text, err := t.Point(o.at); err != nil || text == "" {
		return so, err
	}
	so.At = &upTo
	return so, nil
}

func (a *app) printShrunk(ans *whatif.Shrunk, storeName string, t *workspace.Target, o shrinkOptions, format string) error {
	var next []string
	if o.out != "" {
		text, err := a.shrunkFile(ans, storeName, t, o, format)
		if err != nil {
			return err
		}
		if err := a.writeFile(o.output(), text); err != nil {
			return err
		}
		if o.out == "-" {
			return a.ctx.Err()
		}
		a.note("written", o.out+" has them")
		if format == "js" {
			next = append(next, "node "+commandLine([]string{o.out}))
		}
	} else {
		args := append([]string{"shrink", storeName, t.Subject.Timeline.Name}, o.typed()...)
		args = append(append(args, o.foldArgs()...), "--out", fileName(t.Subject.Timeline.Name)+".test.js")
		next = append(next, "asof "+commandLine(args))
	}
	if len(ans.Events) > 0 && !t.Subject.Timeline.Many {
		last := ans.Events[len(ans.Events)-1]
		next = append(next, "asof "+commandLine(append([]string{"show", storeName, fmt.Sprintf("%s@%d", last.Stream, last.Version)}, o.foldArgs()...)))
	}
	p := a.out()
	p.Shrunk(ans, next)
	if err := p.Flush(); err != nil {
		return err
	}
	if ans.Stopped == whatif.StopInterrupted {
		return context.Canceled
	}
	return nil
}

// fileName is a stream's name as that of a file.
func fileName(stream string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_.", r) {
			return r
		}
		return '-'
	}, stream)
}

func (o shrinkOptions) output() output {
	return output{name: o.out, force: o.force, next: "name another file, or give --force to replace it"}
}

var shrinkFormats = map[string]string{
	".ndjson": "ndjson", ".jsonl": "ndjson", ".cloudevents": "cloudevents",
	".js": "js", ".mjs": "js", ".cjs": "js", ".go": "go", ".py": "python",
}

// shrinkFormat says in which form the events are written.
func (a *app) shrinkFormat(o shrinkOptions) (string, error) {
	const forms = "the forms are ndjson, cloudevents, js, go and python"
	switch {
	case o.format != "" && o.out == "":
		return "", usagef("name the file with --out, or - for standard output", "--format without --out")
	case o.out == "":
		return "", nil
	case o.format != "":
		for _, f := range shrinkFormats {
			if f == o.format {
				return f, nil
			}
		}
		return "", usagef(forms, "unknown --format %q", o.format)
	}
	f, ok := shrinkFormats[filepath.Ext(o.out)]
	if !ok {
		return "", usagef("give --format: "+forms, "the extension of %q does not tell the form", o.out)
	}
	return f, nil
}

func (a *app) shrunkFile(ans *whatif.Shrunk, storeName string, t *workspace.Target, o shrinkOptions, format string) ([]byte, error) {
	switch format {
	case "ndjson":
		return wire.EventLines(ans.Events), nil
	case "cloudevents":
		return wire.CloudEvents(ans.Events), nil
	}
	c := render.Case{Stream: ans.Stream, From: storeName, Expr: o.bad + o.good, Good: o.good != "", State: ans.State}
	var err error
	if c.Events, err = upcastEvents(ans.Events, t.How.Upcaster); err != nil {
		return nil, err
	}
	if c.Fold, err = a.caseFold(t, o.foldFlags); err != nil {
		return nil, err
	}
	switch format {
	case "go":
		return c.Go(), nil
	case "python":
		return c.Python(), nil
	}
	return c.JavaScript(), nil
}

// upcastEvents returns events as the projection gets them: a test has no
// upcasters.
func upcastEvents(events []*replay.Event, up replay.Upcaster) ([]*replay.Event, error) {
	if up == nil {
		return events, nil
	}
	out := make([]*replay.Event, len(events))
	for i, e := range events {
		e = e.Clone()
		if err := up.Upcast(e); err != nil {
			return nil, err
		}
		out[i] = whatif.WithBody(e)
	}
	return out, nil
}

// caseFold gives a test the source of what folds, where it can be had.
func (a *app) caseFold(t *workspace.Target, f foldFlags) (render.CaseFold, error) {
	c := render.CaseFold{Name: t.How.Reducer.Name()}
	if c.Name == "merge" {
		c.Kind = render.FoldMerge
		return c, nil
	}
	if _, ok := t.How.Reducer.(*js.Script); !ok {
		return c, nil
	}
	if len(f.folds) == 1 {
		c.Kind, c.Source = render.FoldInline, f.folds[0]
		if fold.ParseSource(c.Source).Kind == fold.KindInline {
			return c, nil
		}
		c.Kind = render.FoldScript
		var err error
		c.Source, err = a.readSource(f.folds[0])
		return c, err
	}
	proj, err := a.project()
	if err != nil || proj == nil {
		return c, err
	}
	p, err := proj.Projection(t.How.Name)
	if err != nil {
		return c, err
	}
	path := filepath.FromSlash(p.Fold)
	if !filepath.IsAbs(path) {
		path = filepath.Join(proj.Dir, path)
	}
	c.Kind = render.FoldScript
	c.Source, err = a.readSource(path)
	return c, err
}
