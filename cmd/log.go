package cmd

import (
	"iter"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"asof/cmd/render"
	"asof/inspect"
	"asof/inspect/ask"
)

type logOptions struct {
	ask.Log
	all *ask.LogAll // instead of a timeline, with --all
}

// logFlags are the flags from which a question is made.
type logFlags struct {
	pointFlags
	all   bool
	shard string
}

// newLogCmd returns the log command. A nil runF asks the question.
func newLogCmd(a *app, runF func(logOptions) error) *cobra.Command {
	var o logOptions
	var f logFlags
	if runF == nil {
		runF = a.runLog
	}
	c := &cobra.Command{
		Use:   "log STORE (STREAM[@RANGE] | --all)",
		Short: "List the events of a stream or of all streams",
		Long: `List events, oldest first, one per line: version, time, type, actor, payload.
-p adds the change each event made to the state. A point lists the events up to
it, as for git log: @28 is @..28, and @28~1..28 lists event 28 alone.

--all lists the whole store in position order. Filters choose what is listed;
-p, --path, -S and -G always look at the state of the whole history. --path
follows an array element when others are inserted or removed before it; a path
missing from the last state is matched by name. A key, as in
'/items[sku=tea]/qty', means the element that has it at each event, and an index
next to a key means the element there at each event.` + exits(exitNoStream, exitNoFold),
		Example: `  asof log shop.db cart-42
  asof log shop.db cart-42@10..20 -p
  asof log shop.db cart-42 --path /total
  asof log shop.db --all -S SPRING15
  asof log shop.db --all --type OrderPlaced --since yesterday --limit 20
  asof log shop.db cart-42 --where 'event.data.qty > 3' --json`,
		Args: args(1, 2, "STORE", "STREAM"),
		RunE: func(_ *cobra.Command, args []string) error {
			if err := f.question(&o, args); err != nil {
				return err
			}
			return runF(o)
		},
	}
	f.add(a, c)
	fl := c.Flags()
	addEntries(fl, &o.Entries)
	addShard(fl, &f.shard)
	fl.BoolVar(&f.all, "all", false, "list the whole store, in position order")
	fl.BoolVarP(&o.Patch, "patch", "p", false, "show the change each event made to the state")
	fl.BoolVar(&o.Reverse, "reverse", false, "newest first")
	a.addPage(fl, &o.Page, 0, "list at most this many events")
	return c
}

// addEntries adds the flags that choose the events of a log.
func addEntries(fl *pflag.FlagSet, q *ask.Entries) {
	fl.StringSliceVar(&q.Types, "type", nil, "only events of this type")
	fl.StringVar(&q.Since, "since", "", "only events recorded at this time or later")
	fl.StringVar(&q.Until, "until", "", "only events recorded at this time or earlier")
	fl.StringVar(&q.Where, "where", "", "only events for which this JavaScript expression over event is true")
	fl.StringVar(&q.Grep, "grep", "", "only events whose type or payload matches this regular expression")
	fl.StringVar(&q.Path, "path", "", "only events that changed this path of the last state, or a path below it")
	fl.StringVarP(&q.Value, "value", "S", "", "only events that made this value appear in the state or disappear from it")
	fl.StringVarP(&q.Changed, "changed", "G", "", "only events that changed a path or value matching this regular expression")
}

// question sets the question about STORE STREAM, or about STORE with --all.
func (f logFlags) question(o *logOptions, args []string) (err error) {
	switch {
	case f.all && len(args) == 2:
		return usagef("name a stream or give --all", "both a stream and --all")
	case !f.all && len(args) == 1:
		return usagef("name a stream, or give --all for the whole store", "STREAM is missing")
	}
	if f.all {
		how, err := f.one()
		o.all = &ask.LogAll{StoreRef: f.of(args[0]), Folding: how, Entries: o.Entries, At: f.at, Shard: f.shard}
		return err
	}
	if shard, err := ask.ParseShard(f.shard); err != nil {
		return err
	} else if !shard.IsAll() {
		return usagef("give --all for the whole store, or leave out --shard", "--shard divides a whole store, not a stream")
	}
	o.Timeline, err = f.timeline(args[0], args[1])
	return err
}

func (a *app) runLog(o logOptions) error {
	if o.all != nil {
		return askList(a, o.all.Ask, func(seq iter.Seq2[*inspect.Entry, error]) error { return a.printLog(seq, o.all.Patch) })
	}
	return askList(a, o.Ask, func(seq iter.Seq2[*inspect.Entry, error]) error { return a.printLog(seq, o.Patch) })
}

// printLog prints entries as they arrive, including those before an error.
func (a *app) printLog(seq iter.Seq2[*inspect.Entry, error], changes bool) error {
	p := a.out()
	cursor := ""
	err := p.Log(noting(seq, func(e *inspect.Entry) string { return e.Cursor }, &cursor), render.LogOptions{Changes: changes})
	if ferr := p.Flush(); err == nil {
		err = ferr
	}
	if err != nil {
		return err
	}
	if zone := p.text.ZoneNote(); zone != "" {
		a.note("zone", zone)
	}
	a.more(cursor)
	return nil
}
