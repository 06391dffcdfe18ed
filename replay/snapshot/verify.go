package snapshot

import (
	"bytes"
	"cmp"
	"context"
	"math"
	"slices"

	"asof/replay"
)

// Verified is the result of comparing kept states with a full replay.
type Verified struct {
	States int              // states compared
	Stale  int              // states of a history that the store no longer has
	Wrong  []replay.Version // states that differ from the replay
}

// Verify folds the timeline from the start and compares each kept state, and what is kept of
// the events before it, with the result. It drops states that are stale, wrong or damaged. Damaged ones are not
// compared, since no run resumes from them. seen receives the steps of the replay.
func (l *States) Verify(ctx context.Context, seen func(*replay.Step)) (Verified, error) {
	var out Verified
	all := l.entries(1<<63 - 1)
	if len(all) == 0 {
		return out, nil
	}
	cp := replay.Checkpoint{Unhandled: map[string]int64{}, Gapless: true}
	o := replay.FoldOptions{
		Span: replay.UpTo(all[len(all)-1].version), Skip: l.fold.Unread(), Chain: new(replay.Chain), Changes: true,
	}
	var want []byte
	said := l.said(all)
	for step, err := range l.timeline.Run(ctx, l.fold, o) {
		if err != nil {
			return out, err
		}
		seen(step)
		v := l.timeline.Version(step.Event)
		said.compare(v, step)
		cp.Gapless = cp.Gapless && (cp.Events == 0 || v == cp.Version+1)
		cp.Version, cp.Chain, cp.State = v, step.Event.Chain(), step.Root
		cp.Events++
		cp.Odd.Count(step.Event)
		if !step.Handled {
			cp.Unhandled[step.Event.Type]++
		}
		if step.Unread != "" {
			if cp.Unread++; cp.FirstUnread == nil {
				cp.FirstUnread = &replay.OpaqueError{At: step.Event.Moment(), Reason: step.Unread}
			}
		}
		for len(all) > 0 && all[0].version < cp.Version {
			all = l.stale(all, &out)
		}
		for len(all) > 0 && all[0].version == cp.Version {
			if all[0].chain != cp.Chain {
				all = l.stale(all, &out)
				continue
			}
			if want, err = text(want[:0], cp, l.location(all[0].name)); err != nil {
				return out, err
			}
			if kept, raw := l.load(all[0]); kept != nil {
				out.States++
				if !bytes.Equal(raw, want) || said.lacks[all[0].name] {
					out.Wrong = append(out.Wrong, cp.Version)
					l.drop(all[0])
				}
			}
			all = all[1:]
		}
	}
	for len(all) > 0 {
		all = l.stale(all, &out)
	}
	return out, nil
}

func (l *States) stale(all []entry, out *Verified) []entry {
	l.drop(all[0])
	out.Stale++
	return all[1:]
}

// said is what kept states say of the events before them.
type said struct {
	ahead  []stretchOf     // the one that begins first is first
	within []stretchOf     // of the present event
	lacks  map[string]bool // files that lack a change
}

type stretchOf struct {
	replay.Stretch
	name string
}

func (l *States) said(all []entry) *said {
	s := &said{lacks: map[string]bool{}}
	for _, e := range all {
		if one, _, err := l.stretch(e); err == nil { // or else the file is damaged
			s.ahead = append(s.ahead, stretchOf{one, e.name})
		}
	}
	begins := func(x stretchOf) replay.Version {
		if x.First {
			return math.MinInt64
		}
		return x.After
	}
	slices.SortStableFunc(s.ahead, func(x, y stretchOf) int { return cmp.Compare(begins(x), begins(y)) })
	return s
}

// compare looks for the changes of the event at v in what was said of it, and for the state
// after it.
func (s *said) compare(v replay.Version, step *replay.Step) {
	s.within = slices.DeleteFunc(s.within, func(x stretchOf) bool { return x.To < v })
	for len(s.ahead) > 0 && (s.ahead[0].First || s.ahead[0].After < v) {
		if one := s.ahead[0]; one.To >= v {
			s.within = append(s.within, one)
		}
		s.ahead = s.ahead[1:]
	}
	for k := range s.within {
		one := &s.within[k]
		if one.Bounds != nil && !one.Bounds.Cover(step.Root) {
			s.lacks[one.name] = true
		}
		for i := range step.Changes {
			if !one.Touched.Has(&step.Changes[i]) {
				s.lacks[one.name] = true
			}
		}
	}
}
