package cmd

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"asof/cmd/render"
	"asof/inspect/audit"
	"asof/replay"
	"asof/replay/project"
	"asof/replay/workspace"
)

type auditExportOptions struct {
	targetFlags
	streams    []string
	categories []string
	from, to   string
	key, out   string
	format     string
	states     string
	redact     []string
	basis, by  string
	date       string
}

func (a *app) auditExportCommand() *cobra.Command {
	var o auditExportOptions
	c := &cobra.Command{
		Use:   "export STORE",
		Short: "Write an audit trail: a sealed bundle, or a plain one for people",
		Long: `Write what an auditor asks for.

With --out FOLDER it is a bundle: the events, the bytes that the store holds of
them, the states, a report with counts and control totals, and a checkpoint
over every event of the store, signed by --key. The same input, flags and key
give the same bytes. What --stream, --from and --to leave out is accounted for.

With -o csv, html, md or ndjson it is a plain trail for people: who, when,
what, before and after. It proves nothing by itself.

--redact withholds a field: its plaintext and its salt go, everywhere in the
export, and the commitment to it stays, so that the rest still verifies. A path
is a JSON pointer into the event; * stands for any run of characters in a name,
** for any levels. States are folded from what is left.

A period is a part of each stream's history: --from leaves out the events up to
the last that was recorded before it, --to those after the last that was
recorded before it. So every event is in exactly one of several periods in a
row.` + exits(exitNoFold),
		Example: `  asof audit export shop.db --stream 'order-*' --from 2026-01-01 --to 2026-04-01 --key audit.key --out q1/
  asof audit export shop.db --redact '/data/**/email' --basis gdpr17 --by dpo --key audit.key --out q1/
  asof audit export shop.db --stream cart-42 -o html > cart-42.html
  asof audit export shop.db --stream cart-42 -o csv`,
		Args: args(1, 1, "STORE"),
		RunE: func(_ *cobra.Command, args []string) error { return a.auditExport(args[0], o) },
	}
	o.targetFlags.add(a, c)
	fl := c.Flags()
	fl.StringSliceVar(&o.streams, "stream", nil, "only this stream, or those of a pattern such as 'order-*'")
	fl.StringSliceVar(&o.categories, "category", nil, "only streams of this category")
	fl.StringVar(&o.from, "from", "", "only events recorded at this time or later")
	fl.StringVar(&o.to, "to", "", "only events recorded before this time")
	fl.StringVar(&o.key, "key", "", "file with the private key (default: ASOF_AUDIT_KEY)")
	fl.StringVar(&o.out, "out", "", "folder for the bundle, or file for a plain trail; it must not be there")
	fl.StringVarP(&o.format, "output", "o", "", "a plain trail: csv, html, md or ndjson")
	fl.StringVar(&o.states, "states", "ends", "states in the bundle: ends (of the period), each (after every event) or none")
	fl.StringArrayVar(&o.redact, "redact", nil, "withhold what is at this path, such as '/data/email'")
	fl.StringVar(&o.basis, "basis", "", "why it is withheld, such as gdpr17")
	fl.StringVar(&o.by, "by", "", "who decided to withhold it")
	fl.StringVar(&o.date, "date", "", "date of the report; without one it has none, so that the same input gives the same bytes")
	return c
}

func (a *app) auditExport(name string, o auditExportOptions) error {
	switch {
	case o.out == "" && o.format == "":
		return usagef("name a folder, or give -o csv, html, md or ndjson for a plain trail", "--out is missing")
	case o.format != "" && !slices.Contains(audit.Formats, o.format):
		return usagef("write csv, html, md or ndjson", "bad -o %q", o.format)
	}
	x := &audit.Export{States: audit.States(o.states)}
	switch x.States {
	case audit.StatesEach, audit.StatesEnds, audit.StatesNone:
	default:
		return usagef("write ends, each or none", "bad --states %q", o.states)
	}
	var err error
	if x.Redact, err = a.redaction(o); err != nil {
		return err
	}
	if x.Select, err = a.selection(o); err != nil {
		return err
	}
	if x.About.Date, err = workspace.ParseTime("--date", o.date, a.env()); err != nil {
		return err
	}
	if o.format == "" || o.key != "" {
		if x.Key, err = a.auditKey(o.key); err != nil {
			return err
		}
	}
	r, err := a.open(name, o.storeFlags)
	if err != nil {
		return err
	}
	defer r.Close()
	x.Reader = r.Reader
	folds, err := a.eachStream(o.foldFlags)
	if err != nil {
		return err
	}
	defer folds.Close()
	x.Projection = a.projections(folds.For(a.ctx), o.foldFlags)
	if err := a.about(x, name, o); err != nil {
		return err
	}
	if o.format != "" {
		return a.auditTrail(x, folds, o)
	}
	if err := a.notInput(o.out); err != nil {
		return err
	}
	if name != "-" {
		x.Recount = func(ctx context.Context) (audit.Counted, error) { return a.recount(ctx, name, o.storeFlags) }
	}
	out, err := x.Run(a.ctx, a.path(o.out))
	if err != nil {
		return err
	}
	out.Dir = o.out
	folds.NoteWarnings()
	a.survivors(out.Survivors)
	p := a.out()
	p.Exported(out)
	return p.Flush()
}

// auditTrail writes a plain trail, to standard output or to a file that is
// written aside.
func (a *app) auditTrail(x *audit.Export, folds *workspace.Folds, o auditExportOptions) error {
	t := &audit.Trail{Export: *x, Zone: a.zone}
	if len(o.categories) == 0 && !slices.ContainsFunc(o.streams, project.IsGlob) {
		for _, s := range o.streams {
			t.Streams = append(t.Streams, replay.StreamID(s))
		}
	}
	file, err := a.create(output{name: cmp.Or(o.out, "-")})
	if err != nil {
		return err
	}
	defer file.discard()
	ans, err := t.Write(a.ctx, file, o.format)
	if err == nil {
		err = file.keep()
	}
	if err != nil {
		return err
	}
	folds.NoteWarnings()
	a.survivors(ans.Survivors)
	if ans.NoActor > 0 {
		a.note("actors", fmt.Sprintf("%d of %s without an actor", ans.NoActor, render.EventCount(ans.Events)))
	}
	if ans.Events == 0 {
		a.note("empty", "no event was selected")
	}
	return nil
}

// survivors says where values that were erased in one place stand in another.
func (a *app) survivors(all []audit.Survivor) {
	for _, s := range all {
		if strings.HasPrefix(s.Path, "/") {
			a.note("redaction", "values that were erased elsewhere stand at "+s.Path+", in "+render.EventCount(s.Events)+": give it a --redact, too")
		} else {
			a.note("redaction", "values that were erased elsewhere stand in "+s.Path+", which --redact does not withhold")
		}
	}
}

func (a *app) redaction(o auditExportOptions) (*audit.Redaction, error) {
	if len(o.redact) == 0 {
		if o.basis != "" || o.by != "" {
			return nil, usagef("say what is withheld: --redact /data/email", "--basis and --by without --redact")
		}
		return nil, nil
	}
	r, err := audit.NewRedaction(o.redact, o.basis, o.by)
	var bad *audit.PatternError
	if errors.As(err, &bad) {
		return nil, usagef(bad.Remedy().Text, "--redact: %v", err)
	}
	return r, err
}

// selection reads the filters.
func (a *app) selection(o auditExportOptions) (s audit.Selection, err error) {
	s.Patterns, s.Categories = o.streams, o.categories
	if s.From, err = workspace.ParseTime("--from", o.from, a.env()); err != nil {
		return s, err
	}
	if s.To, err = workspace.ParseTime("--to", o.to, a.env()); err != nil {
		return s, err
	}
	if !s.From.IsZero() && !s.To.IsZero() && !s.From.Before(s.To) {
		return s, usagef("--from is the start of the period and --to its end", "--from is not before --to")
	}
	s.Match, err = streamFilter(o.streams, o.categories)
	return s, err
}

// streamFilter returns what tells the streams that --stream and --category name; nil
// where both are empty: all.
func streamFilter(streams, categories []string) (func(id replay.StreamID, category string) bool, error) {
	if len(streams)+len(categories) == 0 {
		return nil, nil
	}
	exact := map[replay.StreamID]bool{}
	var globs []func(string) bool
	for _, p := range streams {
		exact[replay.StreamID(p)] = true
		if !project.IsGlob(p) {
			continue
		}
		g, err := project.Glob(p)
		if err != nil {
			return nil, usagef("a glob has * for any run of characters, ? for one, [a-z] for one of a set", "bad --stream %q: %v", p, err)
		}
		globs = append(globs, g)
	}
	return func(id replay.StreamID, category string) bool {
		return exact[id] || slices.Contains(categories, category) ||
			slices.ContainsFunc(globs, func(g func(string) bool) bool { return g(string(id)) })
	}, nil
}
