package storetest

import (
	"context"
	"errors"
	"iter"

	"asof/replay"
)

type (
	eventSeq  = iter.Seq2[*replay.Event, error]
	streamSeq = iter.Seq2[replay.Stream, error]
)

// broken is a correct reader except for the replaced parts.
type broken struct {
	replay.Reader
	info    func(replay.Info) replay.Info
	summary func(replay.Summary) replay.Summary
	streams func(context.Context, replay.StreamQuery, replay.Reader) streamSeq
	events  func(context.Context, replay.Query, replay.Reader) eventSeq
}

func (b *broken) Info() replay.Info {
	if b.info != nil {
		return b.info(b.Reader.Info())
	}
	return b.Reader.Info()
}

func (b *broken) Summary(ctx context.Context) (replay.Summary, error) {
	s, err := b.Reader.Summary(ctx)
	if b.summary != nil {
		s = b.summary(s)
	}
	return s, err
}

func (b *broken) Streams(ctx context.Context, q replay.StreamQuery) streamSeq {
	if b.streams != nil {
		return b.streams(ctx, q, b.Reader)
	}
	return b.Reader.Streams(ctx, q)
}

func (b *broken) Events(ctx context.Context, q replay.Query) eventSeq {
	if b.events != nil {
		return b.events(ctx, q, b.Reader)
	}
	return b.Reader.Events(ctx, q)
}

// asking is a reader that answers another query.
func asking(change func(*replay.Query)) *broken {
	return &broken{events: func(ctx context.Context, q replay.Query, r replay.Reader) eventSeq {
		change(&q)
		return r.Events(ctx, q)
	}}
}

// showing is a reader that yields other events.
func showing(change func(i int, e *replay.Event) bool) *broken {
	return &broken{events: func(ctx context.Context, q replay.Query, r replay.Reader) eventSeq {
		return func(yield func(*replay.Event, error) bool) {
			i := 0
			for e, err := range r.Events(ctx, q) {
				if err == nil && !change(i, e) {
					continue
				}
				if i++; !yield(e, err) {
					return
				}
			}
		}
	}}
}

// alteringStreams is a reader that lists wrong streams.
func alteringStreams(change func(*replay.StreamQuery), show func(*replay.Stream)) *broken {
	return &broken{streams: func(ctx context.Context, q replay.StreamQuery, r replay.Reader) streamSeq {
		return func(yield func(replay.Stream, error) bool) {
			change(&q)
			for s, err := range r.Streams(ctx, q) {
				show(&s)
				if !yield(s, err) {
					return
				}
			}
		}
	}}
}

func stopsEarly(ctx context.Context, q replay.Query, r replay.Reader) eventSeq {
	return func(yield func(*replay.Event, error) bool) {
		n := 0
		for e, err := range r.Events(ctx, q) {
			if n++; n == 6 || !yield(e, err) {
				return
			}
		}
	}
}

func swallowsErrors(ctx context.Context, q replay.Query, r replay.Reader) eventSeq {
	return func(yield func(*replay.Event, error) bool) {
		for e, err := range r.Events(ctx, q) {
			if err != nil || !yield(e, nil) {
				return
			}
		}
	}
}

func swaps(ctx context.Context, q replay.Query, r replay.Reader) eventSeq {
	return func(yield func(*replay.Event, error) bool) {
		var all []*replay.Event
		err := read(r.Events(ctx, q), func(e *replay.Event) error {
			all = append(all, e.Clone())
			return nil
		})
		if len(all) > 4 {
			all[2], all[3] = all[3], all[2]
		}
		for _, e := range all {
			if !yield(e, nil) {
				return
			}
		}
		if err != nil {
			yield(nil, err)
		}
	}
}

// sharesAnEvent reuses one event for all queries.
func sharesAnEvent() *broken {
	shared := new(replay.Event)
	return &broken{events: func(ctx context.Context, q replay.Query, r replay.Reader) eventSeq {
		return func(yield func(*replay.Event, error) bool) {
			for e, err := range r.Events(ctx, q) {
				if err != nil {
					yield(nil, err)
					return
				}
				if *shared = *e; !yield(shared, nil) {
					return
				}
			}
		}
	}}
}

// goesOn resumes an earlier answer instead of starting over.
func goesOn() *broken {
	left := 0
	return &broken{events: func(ctx context.Context, q replay.Query, r replay.Reader) eventSeq {
		return func(yield func(*replay.Event, error) bool) {
			n, skip := 0, left
			left = 0
			for e, err := range r.Events(ctx, q) {
				if n++; n <= skip && err == nil {
					continue
				}
				if !yield(e, err) {
					left = n
					return
				}
			}
		}
	}}
}

// staleBody keeps the payload tree of the previous event.
func staleBody() *broken {
	return &broken{events: func(ctx context.Context, q replay.Query, r replay.Reader) eventSeq {
		return func(yield func(*replay.Event, error) bool) {
			var kept *replay.Event
			for e, err := range r.Events(ctx, q) {
				if err == nil && kept != nil {
					if body, err := kept.Body(); err == nil {
						e.SetBody(body)
					}
				} else if err == nil {
					kept = e.Clone()
				}
				if !yield(e, err) {
					return
				}
			}
		}
	}}
}

func notSupported(ctx context.Context, q replay.Query, r replay.Reader) eventSeq {
	return func(yield func(*replay.Event, error) bool) {
		for e, err := range r.Events(ctx, q) {
			if err != nil {
				err = errors.New("no")
			}
			if !yield(e, err) {
				return
			}
		}
	}
}

// leavingOut is a reader that omits some events.
func leavingOut(keep func(replay.Query, *replay.Event) bool) *broken {
	return &broken{events: func(ctx context.Context, q replay.Query, r replay.Reader) eventSeq {
		return func(yield func(*replay.Event, error) bool) {
			for e, err := range r.Events(ctx, q) {
				if err == nil && !keep(q, e) {
					continue
				}
				if !yield(e, err) {
					return
				}
			}
		}
	}}
}
