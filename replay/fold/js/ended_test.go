package js

import (
	"context"
	"errors"
	"testing"

	"asof/replay"
	"asof/replay/state"
)

// TestNothingStartsAfterTheEnd calls scripts of every kind, in both engines, after their
// question has ended. None of them runs, and the error is that of the context.
func TestNothingStartsAfterTheEnd(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	limits := Limits{Ended: ctx.Err}
	event := func() *replay.Event {
		return &replay.Event{Stream: "a", Version: 1, Type: "T", Revision: 1, Data: []byte(`{"n":1}`)}
	}
	calls := map[string]func() error{}
	for name, text := range map[string]string{"quick": "s.n = e.data.n", "engine": "s.n = /x/.test(e.type)"} {
		s, err := LoadInline("fold", text, limits)
		if err != nil {
			t.Fatal(err)
		}
		st := state.New()
		if err := s.Init(ctx, st); err != nil {
			t.Fatal(err)
		}
		calls["fold "+name] = func() error { _, err := s.Apply(ctx, st, event()); return err }
	}
	for name, text := range map[string]string{"quick": "event.data.n > 1", "engine": "/x/.test(event.type)"} {
		p, err := CompilePredicate(text, "bad", limits)
		if err != nil {
			t.Fatal(err)
		}
		calls["condition "+name] = func() error { _, err := p.Test(state.Value{}, event()); return err }
	}
	for name, text := range map[string]string{"quick": "e => e.type", "engine": "e => e.type.replace(/x/, 'y')"} {
		s, err := Load("parts.js", "fromAll().partitionBy("+text+").when({T(s, e) { s.n = 1 }})", limits)
		if err != nil {
			t.Fatal(err)
		}
		calls["partition "+name] = func() error { _, _, err := s.Partition(event()); return err }
	}
	u, err := LoadUpcaster("up.js", `upcast("T", 1, d => { d.x = 1 })`, limits)
	if err != nil {
		t.Fatal(err)
	}
	calls["upcaster"] = func() error { return u.Upcast(event()) }
	for name, call := range calls {
		if err := call(); err != nil {
			t.Errorf("%s before the end: %v", name, err)
		}
	}
	cancel()
	for name, call := range calls {
		var failed *replay.FoldError
		if err := call(); !errors.Is(err, context.Canceled) || errors.As(err, &failed) {
			t.Errorf("%s after the end: %v", name, err)
		}
	}
}
