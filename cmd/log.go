package cmd

import (
	"errors"
	"regexp"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"asof/cmd/render"
	"asof/inspect"
	"asof/replay"
	"asof/replay/fault"
	"asof/replay/fold/js"
	"asof/replay/state"
)

type logOptions struct {
	pointFlags
	filterFlags
	shardFlag
	all     bool
	patch   bool
	reverse bool
	limit   int
}

// filterFlags choose the events of a log.
type filterFlags struct {
	types        []string
	since, until string
	where        string
	path         string
	grep         string
	pickaxe      string // -S
	pickaxeRE    string // -G
}

func (f *filterFlags) add(fl *pflag.FlagSet) {
	fl.StringSliceVar(&f.types, "type", nil, "only events of this type")
	fl.StringVar(&f.since, "since", "", "only events with a time, at this time or later")
	fl.StringVar(&f.until, "until", "", "only events with a time, at this time or earlier")
	fl.StringVar(&f.where, "where", "", "only events for which this JavaScript expression over event holds")
	fl.StringVar(&f.grep, "grep", "", "only events whose type or payload matches this regular expression")
	fl.StringVar(&f.path, "path", "", "only events that changed what is at this path of the state in the end, or below it")
	fl.StringVarP(&f.pickaxe, "value", "S", "", "only events after which this value appears in, or leaves, a state")
	fl.StringVarP(&f.pickaxeRE, "changed", "G", "", "only events with a changed path or value that matches this regular expression")
}

func (a *app) logCommand() *cobra.Command {
	var o logOptions
	c := &cobra.Command{
		Use:   "log STORE (STREAM[@RANGE] | --all)",
		Short: "List the events of a stream, or of the whole store",
		Long: `List events, oldest first: version, time, type, actor and the payload on a line.
With -p each is followed by the change that it made to the state.

--all lists the whole store in position order. Filters choose what is listed;
the state that -p, --path, -S and -G speak of is always that of the whole
history. --path follows an element of an array when others are put in or taken
out before it; a path that isn't there in the end is taken by its name.` + exits(exitNoStream, exitNoFold),
		Example: `  asof log shop.db cart-42
  asof log shop.db cart-42@10..20 -p
  asof log shop.db cart-42 --path /total
  asof log shop.db --all -S SPRING15
  asof log shop.db --all --type OrderPlaced --since yesterday --limit 20
  asof log shop.db cart-42 --where 'event.data.qty > 3' --json`,
		Args: args(1, 2, "STORE", "STREAM"),
		RunE: func(_ *cobra.Command, args []string) error { return a.log(args, o) },
	}
	o.pointFlags.add(a, c)
	fl := c.Flags()
	o.filterFlags.add(fl)
	o.shardFlag.add(fl)
	fl.BoolVar(&o.all, "all", false, "the whole store, in position order")
	fl.BoolVarP(&o.patch, "patch", "p", false, "show the change that each event made to the state")
	fl.BoolVar(&o.reverse, "reverse", false, "newest first")
	fl.IntVarP(&o.limit, "limit", "n", 0, "at most so many")
	return c
}

func (a *app) log(args []string, o logOptions) error {
	switch {
	case o.all && len(args) == 2:
		return usagef("name a stream or give --all", "both a stream and --all")
	case !o.all && len(args) == 1:
		return usagef("name a stream, or give --all for the whole store", "STREAM is missing")
	}
	if err := checkLimit(o.limit); err != nil {
		return err
	}
	if shard, err := o.shard(); err != nil {
		return err
	} else if !shard.IsAll() && !o.all {
		return usagef("give --all for the whole store, or leave out --shard", "--shard divides a whole store, not a stream")
	}
	filter, err := a.filter(o.filterFlags)
	if err != nil {
		return err
	}
	if o.Strict && !o.patch && !filter.Folds() {
		return usagef("give -p, --path, -S or -G, or leave out --strict", "--strict is of what folds, and this log folds nothing")
	}
	r, err := a.open(args[0], o.storeFlags)
	if err != nil {
		return err
	}
	defer r.Close()
	if (o.since != "" || o.until != "") && !r.Info().HasTimes {
		return &replay.UnsupportedError{Dialect: r.Info().Dialect, Lacks: "times", Next: fault.Try("leave out --since and --until")}
	}
	lo := inspect.LogOptions{Filter: filter, Reverse: o.reverse, Limit: o.limit, Changes: o.patch}
	if o.all {
		return a.logAll(r, lo, o)
	}
	t, err := a.target(r, args[1], o.foldFlags)
	if err != nil {
		return err
	}
	defer t.Close()
	i, err := t.Interval(a.ctx, o.at)
	if err != nil {
		return err
	}
	span, ok := i.Span()
	if !ok {
		a.note("empty", "no event is in that range")
		return nil
	}
	lo.Span = span
	if err := a.printLog(inspect.Log(a.ctx, t.Subject, lo), render.LogOptions{Many: t.Subject.Timeline.Many, Changes: o.patch}, t.Subject.Timeline, filter); err != nil {
		return err
	}
	a.restsOn(t)
	return nil
}

func (a *app) filter(f filterFlags) (inspect.Filter, error) {
	out := inspect.Filter{Types: f.types, Untimed: &inspect.Untimed{}}
	var err error
	if out.Since, err = a.when("--since", f.since); err != nil {
		return out, err
	}
	if out.Until, err = a.when("--until", f.until); err != nil {
		return out, err
	}
	if f.path != "" {
		if out.Path, err = state.ParsePointer(f.path); err != nil {
			return out, usagef("a path is a JSON pointer, such as /items/0/qty", "bad --path %q: %v", f.path, err)
		}
	}
	if f.grep != "" {
		re, err := pattern("--grep", f.grep)
		if err != nil {
			return out, err
		}
		out.Grep = func(e *replay.Event) bool {
			return re.MatchString(e.Type) || re.Match(e.Data)
		}
	}
	if f.where != "" {
		p, err := js.CompilePredicate(f.where, "--where", a.limits())
		if err != nil {
			return out, err
		}
		out.Where = func(e *replay.Event) (bool, error) {
			in, err := p.Test(state.Value{}, e)
			var failed *replay.FoldError
			if errors.As(err, &failed) && failed.Next.Text == "" {
				failed.Next = fault.Try("--where sees the event alone, and every event: write event.data.x?.y where some have no x")
			}
			return in, err
		}
	}
	out.Changed, err = pickaxe(f)
	return out, err
}

func pattern(flag, text string) (*regexp.Regexp, error) {
	re, err := regexp.Compile(text)
	if err != nil {
		return nil, usagef("the syntax is that of https://golang.org/s/re2syntax", "bad %s %q: %v", flag, text, err)
	}
	return re, nil
}

// pickaxe returns what -S and -G look for, or nil.
func pickaxe(f filterFlags) (func([]state.Change) bool, error) {
	if f.pickaxe == "" && f.pickaxeRE == "" {
		return nil, nil
	}
	var re *regexp.Regexp
	if f.pickaxeRE != "" {
		var err error
		if re, err = pattern("-G", f.pickaxeRE); err != nil {
			return nil, err
		}
	}
	return func(changes []state.Change) bool {
		if f.pickaxe != "" && inspect.OccurrenceChange(changes, f.pickaxe) == 0 {
			return false
		}
		return re == nil || inspect.AnyMatch(changes, re.MatchString)
	}, nil
}
