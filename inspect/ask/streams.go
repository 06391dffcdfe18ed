package ask

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"time"

	"asof/inspect"
	"asof/inspect/wire"
	"asof/replay"
	"asof/replay/fault"
	"asof/replay/project"
	"asof/replay/workspace"
)

// Streams lists the streams of a store.
type Streams struct {
	workspace.StoreRef
	Pattern    string              `json:"pattern,omitempty" jsonschema:"only streams whose id starts with this; a pattern with *, ? or [ is a glob"`
	Categories []string            `json:"categories,omitempty" jsonschema:"only streams of these categories"`
	Since      string              `json:"since,omitempty" jsonschema:"only streams with an event at this time or later, such as 2026-03-01 or 2 days ago"`
	Until      string              `json:"until,omitempty" jsonschema:"only streams that began at this time or earlier"`
	Shard      string              `json:"shard,omitempty" jsonschema:"only part I of N of the streams, as I/N, divided by a hash of the stream id"`
	Sort       inspect.StreamOrder `json:"sort,omitempty" jsonschema:"id (the default), events, first or last"`
	Reverse    bool                `json:"reverse,omitempty" jsonschema:"reverse the order"`
	Page
}

// A StreamLine is a stream in a list.
type StreamLine struct {
	replay.Stream
	Cursor string // if the list was cut after it
}

// Check rejects an invalid request.
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

// In returns the store.
func (q Streams) In() workspace.StoreRef { return q.StoreRef }

// Ask answers the question.
func (q Streams) Ask(ctx context.Context, w *workspace.Workspace) iter.Seq2[StreamLine, error] {
	return list(ctx, w, q)
}

// Of answers the question about an open store.
func (q Streams) Of(ctx context.Context, s *workspace.Store) iter.Seq2[StreamLine, error] {
	return lines(func(yield func(StreamLine) error) error { return q.pass(ctx, s, yield) })
}

func (q Streams) pass(ctx context.Context, s *workspace.Store, yield func(StreamLine) error) error {
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
	if err := NoteLost(ctx, s); err != nil {
		return err
	}
	untimed := 0
	o.Untimed = &untimed
	end, err := q.pin(ctx, s, &o)
	if err != nil {
		return err
	}
	listed, err := q.passPage(end, inspect.Streams(ctx, replay.Sharded(s.Reader, shard), o), yield)
	if err != nil {
		return err
	}
	if listed == 0 && q.Cursor != "" {
		w.Note(replay.NoticeEmpty, "no more streams")
	} else if listed == 0 {
		n, err := q.noMatch(ctx, s)
		if err != nil {
			return err
		}
		w.Notices([]replay.Notice{n})
	}
	if untimed > 0 {
		w.Note(replay.NoticeUntimed, fmt.Sprintf("%s no readable time on the first or last event: %s and %s skip such streams",
			replay.Counted(untimed, "stream has", "streams have"), w.Option("since"), w.Option("until")))
	}
	return nil
}

// noMatch notes that no stream matches, with the category that may be meant.
func (q Streams) noMatch(ctx context.Context, s *workspace.Store) (replay.Notice, error) {
	n := replay.Notice{Code: replay.NoticeEmpty, Text: "no stream matches"}
	if len(q.Categories) == 0 {
		return n, nil
	}
	const most = 10_000 // streams that are looked at
	var have []string
	for one, err := range s.Reader.Streams(ctx, replay.StreamQuery{Limit: most}) {
		if err != nil {
			return n, err
		}
		if !slices.Contains(have, one.Category) {
			have = append(have, one.Category)
		}
	}
	for _, want := range q.Categories {
		if near := fault.Near(want, have, 1); near != nil && near[0] != want {
			n.Text += "; did you mean " + s.Workspace().Option("category") + " " + near[0] + "?"
			n.For, n.Near = want, near[0]
			return n, nil
		}
	}
	return n, nil
}

// passPage passes on the streams of the page, and counts them.
func (q Streams) passPage(end string, seq iter.Seq2[replay.Stream, error], yield func(StreamLine) error) (int, error) {
	asked := q
	asked.Page = Page{}
	p := pager[StreamLine]{limit: q.Limit, peeks: true, yield: yield}
	p.cut = func(s StreamLine) StreamLine {
		s.Cursor = cursorAt(asked, q.key(s.Stream), string(s.ID), end)
		return s
	}
	for one, err := range seq {
		if err == nil {
			err = p.pass(StreamLine{Stream: one})
		} else {
			err = errors.Join(p.end(), err)
		}
		if errors.Is(err, errPageEnds) {
			return p.listed, nil
		}
		if err != nil {
			return p.listed, err
		}
	}
	return p.listed, p.end()
}

// key is the sort key of a stream, before its id.
func (q Streams) key(s replay.Stream) string {
	switch q.Sort {
	case inspect.StreamsByEvents:
		return keyOf(s.Events)
	case inspect.StreamsByFirst:
		return s.FirstTime.Format(time.RFC3339Nano)
	case inspect.StreamsByLast:
		return s.LastTime.Format(time.RFC3339Nano)
	}
	return ""
}

// pin makes all pages list the streams as of the first page, if appended events would
// change their order. It returns the position of that page, or "" to list them as of
// now. Without positions, earlier streams cannot be determined.
func (q Streams) pin(ctx context.Context, s *workspace.Store, o *inspect.StreamOptions) (string, error) {
	if q.Limit == 0 && q.Cursor == "" || q.Sort != inspect.StreamsByEvents && q.Sort != inspect.StreamsByLast || !s.Info().Has("positions") {
		return "", nil
	}
	if q.Cursor != "" {
		asked := q
		asked.Page = Page{}
		keys, err := q.Page.begin(asked, 3)
		if err != nil || keys[2] == "" {
			return "", err
		}
		end, err := versionKey(keys[2])
		o.AsOf = (*replay.Position)(&end)
		return keys[2], err
	}
	head, _, err := s.Timeline().Resolve(ctx, replay.Head())
	if err != nil || head.IsStart() {
		return "", err
	}
	return keyOf(head.Position), nil
}

// begin returns the stream before the page, or nil.
func (q Streams) begin() (*replay.Stream, error) {
	asked := q
	asked.Page = Page{}
	keys, err := q.Page.begin(asked, 3)
	if keys == nil || err != nil {
		return nil, err
	}
	s := &replay.Stream{ID: replay.StreamID(keys[1])}
	switch q.Sort {
	case inspect.StreamsByEvents:
		s.Events, err = strconv.ParseInt(keys[0], 10, 64)
	case inspect.StreamsByFirst:
		s.FirstTime, err = time.Parse(time.RFC3339Nano, keys[0])
	case inspect.StreamsByLast:
		s.LastTime, err = time.Parse(time.RFC3339Nano, keys[0])
	}
	if err != nil {
		return nil, &CursorError{"not a cursor"}
	}
	return s, nil
}

func (q Streams) options(env replay.Env) (o inspect.StreamOptions, err error) {
	o = inspect.StreamOptions{Order: cmp.Or(q.Sort, inspect.StreamsByID), Reverse: q.Reverse}
	if q.Limit > 0 {
		o.Limit = q.Limit + 1
	}
	o.Query.Categories = q.Categories
	if o.Since, o.Until, err = workspace.ParseTimes(q.Since, q.Until, env); err != nil {
		return o, err
	}
	if o.After, err = q.begin(); err != nil {
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

// JSON encodes the line.
func (s StreamLine) JSON() wire.Stream {
	x := wire.NewStream(s.Stream)
	x.Cursor = s.Cursor
	return x
}
