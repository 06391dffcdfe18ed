package ask

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"time"

	"asof/inspect"
	"asof/replay"
	"asof/replay/fault"
	"asof/replay/project"
	"asof/replay/workspace"
)

// Streams asks which streams a store has.
type Streams struct {
	workspace.StoreRef
	Pattern    string              `json:"pattern,omitempty" jsonschema:"only streams whose id begins so, or matches if it has * ? or ["`
	Categories []string            `json:"categories,omitempty" jsonschema:"only streams of these categories"`
	Since      string              `json:"since,omitempty" jsonschema:"only streams with an event at this time or later, such as 2026-03-01 or 2 days ago"`
	Until      string              `json:"until,omitempty" jsonschema:"only streams that began at this time or earlier"`
	Shard      string              `json:"shard,omitempty" jsonschema:"only part I of N of the streams, as I/N, divided by a hash of their ids"`
	Sort       inspect.StreamOrder `json:"sort,omitempty" jsonschema:"id (the default), events, first or last"`
	Reverse    bool                `json:"reverse,omitempty" jsonschema:"turn the order round"`
	Limit      int                 `json:"limit,omitempty" jsonschema:"at most this many; default all"`
}

// Check refuses what cannot be asked.
func (q Streams) Check() error {
	if err := CheckLimit(q.Limit); err != nil {
		return err
	}
	if _, err := q.options(replay.Env{Now: time.Now(), Zone: time.UTC}); err != nil {
		return err
	}
	if _, err := ParseShard(q.Shard); err != nil {
		return err
	}
	return q.StoreRef.Check()
}

// In names the store.
func (q Streams) In() workspace.StoreRef { return q.StoreRef }

// Ask answers the question.
func (q Streams) Ask(ctx context.Context, w *workspace.Workspace) iter.Seq2[replay.Stream, error] {
	return list(ctx, w, q)
}

// Of answers the question about an open store.
func (q Streams) Of(ctx context.Context, s *workspace.Store) iter.Seq2[replay.Stream, error] {
	return lines(func(yield func(replay.Stream) error) error { return q.pass(ctx, s, yield) })
}

func (q Streams) pass(ctx context.Context, s *workspace.Store, yield func(replay.Stream) error) error {
	w := s.Workspace()
	o, err := q.options(w.Env())
	if err != nil {
		return err
	}
	shard, err := ParseShard(q.Shard)
	if err != nil {
		return err
	}
	if info := s.Info(); (q.Since != "" || q.Until != "" || o.Order.Timed()) && !info.Has("times") {
		return &replay.UnsupportedError{Dialect: info.Dialect, Lacks: "times", Next: fault.Try("do not sort by time").Without("since", "until")}
	}
	listed, untimed := 0, 0
	o.Untimed = &untimed
	for one, err := range inspect.Streams(ctx, replay.Sharded(s.Reader, shard), o) {
		if err != nil {
			return err
		}
		listed++
		if err := yield(one); err != nil {
			return err
		}
	}
	if listed == 0 {
		w.Note(replay.NoticeEmpty, "no stream matches")
	}
	if untimed > 0 {
		w.Note(replay.NoticeUntimed, fmt.Sprintf("of %d streams the first or last event has no time that can be read: %s and %s leave them out",
			untimed, w.Option("since"), w.Option("until")))
	}
	return nil
}

func (q Streams) options(env replay.Env) (o inspect.StreamOptions, err error) {
	o = inspect.StreamOptions{Order: cmp.Or(q.Sort, inspect.StreamsByID), Reverse: q.Reverse, Limit: q.Limit}
	o.Query.Categories = q.Categories
	if o.Since, o.Until, err = workspace.ParseTimes(q.Since, q.Until, env); err != nil {
		return o, err
	}
	if !project.IsGlob(q.Pattern) {
		o.Query.Prefix = q.Pattern
	} else if o.Match, err = project.Glob(q.Pattern); err != nil {
		return o, workspace.Usagef("a glob has * for any run of characters, ? for one, [a-z] for one of a set", "bad glob %q: %v", q.Pattern, err)
	}
	if !o.Order.Exists() {
		return o, workspace.Usagef("write id, events, first or last", "bad sort %q", q.Sort)
	}
	return o, nil
}
