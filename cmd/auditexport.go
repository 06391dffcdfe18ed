package cmd

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"asof/cmd/render"
	"asof/inspect/ask"
	"asof/inspect/audit"
	"asof/inspect/wire"
	"asof/replay/workspace"
)

type auditExportOptions struct {
	ask.Export
	format string // of a plain trail, instead of a bundle
}

// newAuditExportCmd returns the audit export command. A nil runF asks the question.
func newAuditExportCmd(a *app, runF func(auditExportOptions) error) *cobra.Command {
	var o auditExportOptions
	var f targetFlags
	if runF == nil {
		runF = a.runAuditExport
	}
	c := &cobra.Command{
		Use:   "export STORE",
		Short: "Write an audit trail: a sealed bundle, or a plain list for people",
		Long: `Write an audit trail of a store.

--out FOLDER writes a bundle: the events, their stored bytes, the states, a
report with counts and control totals, and a checkpoint over every event of the
store, signed with --key. The same input, flags and key give the same bytes. The
bundle accounts for what --stream, --from and --to leave out.

-o csv, html, md or ndjson writes a plain trail for people: who, when, what, the
payload, before and after, and the projection. It proves nothing on its own.

--redact withholds a field: its plaintext and salt are removed everywhere in the
export, and its commitment stays, so the rest still verifies. A path is a JSON
pointer into the event; * matches any characters in a name, ** any number of
levels. States are folded from the remaining fields.

A period covers part of each stream's history: --from starts after the last
event recorded before that time, --to ends with the last event recorded before
that time. Consecutive periods contain every event exactly once.` + exits(exitNoFold),
		Example: `  asof audit export shop.db --stream 'order-*' --from 2026-01-01 --to 2026-04-01 --key audit.key --out q1/
  asof audit export shop.db --redact '/data/**/email' --basis gdpr17 --by dpo --key audit.key --out q1/
  asof audit export shop.db --stream cart-42 -o html > cart-42.html
  asof audit export shop.db --stream cart-42 -o csv`,
		Args: args(1, 1, "STORE"),
		RunE: func(_ *cobra.Command, args []string) (err error) {
			o.StoreRef = f.of(args[0])
			if o.Folding, err = f.one(); err != nil {
				return err
			}
			if o.States == "" {
				return usagef("write ends, each or none", "bad --states %q", o.States)
			}
			o.Command = exportLine(o.Export)
			return runF(o)
		},
	}
	f.add(a, c)
	o.add(c.Flags())
	return c
}

func (o *auditExportOptions) add(fl *pflag.FlagSet) {
	fl.StringSliceVar(&o.Streams, "stream", nil, "only this stream, or the streams matching a pattern such as 'order-*'")
	fl.StringSliceVar(&o.Categories, "category", nil, "only streams of this category")
	fl.StringVar(&o.From, "from", "", "only events recorded at this time or later")
	fl.StringVar(&o.To, "to", "", "only events recorded before this time")
	fl.StringVar(&o.Key, "key", "", "file with the private key (default: $ASOF_AUDIT_KEY)")
	fl.StringVar(&o.Out, "out", "", "folder for the bundle, or file for a plain trail; must not exist")
	fl.StringVarP(&o.format, "output", "o", "", "write a plain trail: csv, html, md or ndjson")
	fl.StringVar((*string)(&o.States), "states", "ends", "states in the bundle: ends (of the period), each (after every event) or none")
	fl.StringArrayVar(&o.Redact, "redact", nil, "withhold the value at this path, such as '/data/email'")
	fl.StringVar(&o.Basis, "basis", "", "why it is withheld, such as gdpr17")
	fl.StringVar(&o.By, "by", "", "who decided to withhold it")
	fl.StringVar(&o.Date, "date", "", "date of the report (default: none, so that the same input gives the same bytes)")
}

func (a *app) runAuditExport(o auditExportOptions) error {
	if o.format == "" {
		return askOne(a, o.Ask, func(x *audit.Exported) error {
			a.survivors(x.Survivors)
			p := a.out()
			p.Exported(x)
			return p.Flush()
		})
	}
	q := ask.Trail{Excerpt: o.Excerpt, Out: cmp.Or(o.Out, "-"), Format: o.format}
	if a.json && q.Out == "-" && slices.Contains(audit.Formats, q.Format) && q.Format != "ndjson" {
		return notJSON(q.Format, "name a file with --out, or give -o ndjson")
	}
	return askOne(a, q.Ask, func(t *audit.Trailed) error {
		a.survivors(t.Survivors)
		if t.NoActor > 0 {
			a.note("actors", fmt.Sprintf("%d of %s without an actor", t.NoActor, render.EventCount(t.Events)))
		}
		if t.Events == 0 {
			a.note("empty", "no event was selected")
		}
		if a.json && q.Out != "-" {
			return a.printJSON(wire.NewTrailed(t, q.Out))
		}
		return nil
	})
}

// exportLine returns the command line of an export, without the output and the signing
// key.
func exportLine(q ask.Export) []string {
	line := []string{"asof", "audit", "export", q.Store}
	add := func(flag string, values ...string) {
		for _, v := range values {
			if v != "" {
				line = append(line, flag, v)
			}
		}
	}
	for _, one := range q.Streams {
		add("--stream", workspace.Listed(one))
	}
	for _, one := range q.Categories {
		add("--category", workspace.Listed(one))
	}
	add("--from", q.From)
	add("--to", q.To)
	add("--states", string(q.States))
	add("--redact", q.Redact...)
	add("--basis", q.Basis)
	add("--by", q.By)
	add("--fold", q.Fold)
	add("--projection", q.Projection)
	add("--array-key", q.ArrayKeys...)
	add("--date", q.Date)
	return line
}
