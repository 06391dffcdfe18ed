package js

import (
	"context"

	"github.com/dop251/goja"

	"asof/replay"
	"asof/replay/fold/js/quick"
	"asof/replay/state"
)

// Engines counts the events of a script by the engine that folded them.
type Engines struct {
	Quick, Full int
	Why         map[string]int // why the full one folded events: where package quick gave up
}

// CountEngines returns counts that the script keeps from now on.
func (s *Script) CountEngines() *Engines {
	s.engines = &Engines{Why: map[string]int{}}
	for _, f := range s.quick.handlers {
		f.Explain()
	}
	for _, f := range []*quick.Func{s.quick.step, s.quick.any} {
		f.Explain()
	}
	return s.engines
}

func (c *Engines) count(q *quick.Func, quickly bool) {
	switch {
	case quickly:
		c.Quick++
		return
	case q == nil:
		c.Why["the handler or the event is not for it"]++
	default:
		c.Why[q.Why()]++
	}
	c.Full++
}

// applySlowly folds one event in the engine.
func (s *Script) applySlowly(ctx context.Context, st *state.State, ev *replay.Event, f goja.Callable) error {
	return s.call(ctx, st, ev, func() error {
		root := s.root(st)
		if err := s.begin(st, root, ev); err != nil {
			return err
		}
		switch {
		case s.isDeletion(ev):
			if err := s.deleted(root, ev); err != nil { // its result is not a state
				return err
			}
			return s.e.settle()
		case f == nil: // without handlers the state is the last event's body
			return s.takeBody(slot{st: st}, ev)
		}
		v, err := f(goja.Undefined(), root, s.e.event.obj)
		if err != nil {
			return err
		}
		return s.take(st, v)
	})
}
