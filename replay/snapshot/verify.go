package snapshot

import (
	"bytes"
	"context"

	"asof/replay"
)

// Verified is the result of comparing kept states with a full replay.
type Verified struct {
	States int              // states compared
	Stale  int              // states of a history that the store no longer has
	Wrong  []replay.Version // states that differ from the replay
}

// Verify folds the timeline from the start and compares each kept state with the
// result. It drops states that are stale, wrong or damaged. Damaged ones are not
// compared, since no run resumes from them.
func (l *States) Verify(ctx context.Context) (Verified, error) {
	var out Verified
	all := l.entries(1<<63 - 1)
	if len(all) == 0 {
		return out, nil
	}
	cp := replay.Checkpoint{Unhandled: map[string]int64{}, Gapless: true}
	o := replay.FoldOptions{
		Span: replay.UpTo(all[len(all)-1].version), Skip: l.fold.Unread(), Chain: new(replay.Chain),
	}
	var want []byte
	for step, err := range l.timeline.Run(ctx, l.fold, o) {
		if err != nil {
			return out, err
		}
		v := l.timeline.Version(step.Event)
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
				if !bytes.Equal(raw, want) {
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
