package cmd

import (
	"cmp"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"asof/replay"
	"asof/replay/fault"
	"asof/replay/project"
)

type streamsOptions struct {
	storeFlags
	shardFlag
	pattern      string
	categories   []string
	since, until string
	sort         string
	reverse      bool
	limit        int
}

func (a *app) streamsCommand() *cobra.Command {
	var o streamsOptions
	c := &cobra.Command{
		Use:   "streams STORE [PREFIX|GLOB]",
		Short: "List the streams of a store",
		Long: `List the streams of a store with their category, the number of their events,
and their first and last version and time.

A pattern with * ? or [ is a glob on the stream id; anything else is a prefix.
--since and --until keep the streams that were alive then: whose last event is
not before, and whose first event is not after.` + exits(exitNoStream),
		Example: "  asof streams shop.db\n  asof streams shop.db 'cart-1*' --sort events --limit 10\n  asof streams shop.db --category order --since 2026-03-01",
		Args:    args(1, 2, "STORE"),
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 2 {
				o.pattern = args[1]
			}
			return a.streams(args[0], o)
		},
	}
	o.storeFlags.add(a, c)
	fl := c.Flags()
	o.shardFlag.add(fl)
	fl.StringSliceVar(&o.categories, "category", nil, "only streams of this category")
	fl.StringVar(&o.since, "since", "", "only streams with an event at this time or later")
	fl.StringVar(&o.until, "until", "", "only streams that began at this time or earlier")
	fl.StringVar(&o.sort, "sort", "id", "sort by id, events, first or last")
	fl.BoolVar(&o.reverse, "reverse", false, "turn the order round")
	fl.IntVar(&o.limit, "limit", 0, "at most so many")
	return c
}

func (a *app) streams(name string, o streamsOptions) error {
	if err := checkLimit(o.limit); err != nil {
		return err
	}
	untimed := 0
	keep, err := a.streamFilter(o, &untimed)
	if err != nil {
		return err
	}
	order, ok := streamOrders[o.sort]
	if !ok {
		return usagef("write id, events, first or last", "bad --sort %q", o.sort)
	}
	shard, err := o.shard()
	if err != nil {
		return err
	}
	s, err := a.open(name, o.storeFlags)
	if err != nil {
		return err
	}
	defer s.Close()
	r := replay.Sharded(s.Reader, shard)
	if (o.since != "" || o.until != "" || o.sort == "first" || o.sort == "last") && !r.Info().HasTimes {
		return &replay.UnsupportedError{Dialect: r.Info().Dialect, Lacks: "times", Next: fault.Try("leave out --since, --until and --sort by time")}
	}
	q := replay.StreamQuery{Categories: o.categories}
	if !isGlob(o.pattern) {
		q.Prefix = o.pattern
	}
	seq := filtered(r.Streams(a.ctx, q), keep)
	if o.sort != "id" || o.reverse {
		seq = sorted(seq, order, o.reverse)
	}
	p, listed := a.out(), 0
	if err := p.Streams(atMost(counted(seq, &listed), o.limit)); err != nil {
		return err
	}
	if listed == 0 {
		a.note("empty", "no stream fits")
	}
	if untimed > 0 {
		a.note(codeUntimed, fmt.Sprintf("of %d streams the first or last event has no time that can be read: --since and --until leave them out", untimed))
	}
	return p.Flush()
}

func counted(seq iter.Seq2[replay.Stream, error], n *int) iter.Seq2[replay.Stream, error] {
	return filtered(seq, func(replay.Stream) bool { *n++; return true })
}

func isGlob(s string) bool { return strings.ContainsAny(s, "*?[") }

var streamOrders = map[string]func(a, b replay.Stream) int{
	"id":     func(a, b replay.Stream) int { return cmp.Compare(a.ID, b.ID) },
	"events": func(a, b replay.Stream) int { return cmp.Compare(b.Events, a.Events) },
	"first":  func(a, b replay.Stream) int { return a.FirstTime.Compare(b.FirstTime) },
	"last":   func(a, b replay.Stream) int { return b.LastTime.Compare(a.LastTime) },
}

// streamFilter returns what --since, --until and a glob let through. Streams that
// have no time to compare are left out, and counted.
func (a *app) streamFilter(o streamsOptions, untimed *int) (func(replay.Stream) bool, error) {
	since, err := a.when("--since", o.since)
	if err != nil {
		return nil, err
	}
	until, err := a.when("--until", o.until)
	if err != nil {
		return nil, err
	}
	match := func(string) bool { return true }
	if isGlob(o.pattern) {
		if match, err = project.Glob(o.pattern); err != nil {
			return nil, usagef("a glob has * for any run of characters, ? for one, [a-z] for one of a set", "bad glob %q: %v", o.pattern, err)
		}
	}
	return func(s replay.Stream) bool {
		switch {
		case !match(string(s.ID)):
			return false
		case !since.IsZero() && s.LastTime.IsZero(), !until.IsZero() && s.FirstTime.IsZero():
			*untimed++
			return false
		}
		return !s.LastTime.Before(since) && (until.IsZero() || !s.FirstTime.After(until))
	}, nil
}

// when reads the time of a flag.
func (a *app) when(flag, text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	p, err := replay.ParsePoint(text, a.env())
	if err != nil {
		return time.Time{}, err
	}
	t, ok := p.Time()
	if !ok {
		return t, usagef(`write a time, such as 2026-03-01 or "2 days ago"`, "%s takes a time, not %q", flag, text)
	}
	return t, nil
}

func filtered(seq iter.Seq2[replay.Stream, error], keep func(replay.Stream) bool) iter.Seq2[replay.Stream, error] {
	return func(yield func(replay.Stream, error) bool) {
		for s, err := range seq {
			if (err != nil || keep(s)) && !yield(s, err) {
				return
			}
		}
	}
}

func sorted(seq iter.Seq2[replay.Stream, error], order func(a, b replay.Stream) int, reverse bool) iter.Seq2[replay.Stream, error] {
	return func(yield func(replay.Stream, error) bool) {
		var all []replay.Stream
		for s, err := range seq {
			if err != nil {
				yield(s, err)
				return
			}
			all = append(all, s)
		}
		slices.SortStableFunc(all, func(a, b replay.Stream) int {
			if reverse {
				a, b = b, a
			}
			return cmp.Or(order(a, b), cmp.Compare(a.ID, b.ID))
		})
		for _, s := range all {
			if !yield(s, nil) {
				return
			}
		}
	}
}

func atMost(seq iter.Seq2[replay.Stream, error], n int) iter.Seq2[replay.Stream, error] {
	if n <= 0 {
		return seq
	}
	return func(yield func(replay.Stream, error) bool) {
		left := n
		for s, err := range seq {
			if left--; !yield(s, err) || left == 0 {
				return
			}
		}
	}
}
