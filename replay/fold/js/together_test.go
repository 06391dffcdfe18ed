package js

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"asof/replay"
	"asof/replay/state"
)

// question folds the events by a script of its own, as one of several that a
// process answers at once.
func question(src string, l Limits, events ...*replay.Event) (string, error) {
	folded := make(chan string, 1) // a script that is abandoned may still end
	err := Within(l, func(l Limits) error {
		s, err := LoadInline("inline", src, l)
		if err != nil {
			return err
		}
		got, err := foldAll(s, events)
		folded <- got
		return err
	})
	select {
	case got := <-folded:
		return got, err
	default:
		return "", err
	}
}

// notForTime asks until the answer is not that the time is up, which a script that does
// something else is told on a machine that is busy.
func notForTime(ask func() (string, error)) (got string, err error) {
	for range 20 {
		if got, err = ask(); err == nil || !strings.Contains(err.Error(), "did not return within") {
			break
		}
	}
	return got, err
}

// TestQuestionsAtOnce asks three at once: one loops for ever, one eats memory, and
// the third is answered all the time. Together they may take much: a busy machine stops the
// second late.
func TestQuestionsAtOnce(t *testing.T) {
	l := Limits{Time: maxTime, Memory: 32 << 20, Together: 1 << 30}
	var wg sync.WaitGroup
	var loops, eats error
	wg.Go(func() { _, loops = question(`for (;;);`, l, ev(0, "E", `{}`)) })
	wg.Go(func() {
		_, eats = notForTime(func() (string, error) {
			return question(`let a = [], t = 'x'; while (t.length < 8e6) t += t; for (;;) a.push(t + a.length)`, l, ev(0, "E", `{}`))
		})
	})
	over := make(chan struct{})
	go func() { wg.Wait(); close(over) }()

	var many []*replay.Event
	for i := range 500 {
		many = append(many, ev(i, "E", fmt.Sprintf(`{"n":%d}`, i)))
	}
	asked := 0
	for ; ; asked++ {
		got, err := question(`const m = new Map([['n', s.n ?? 0]]); s.n = m.get('n') + e.data.n`, l, many...)
		if err != nil || got != `{"n":124750}` {
			t.Fatalf("the third: %s, %v", got, err)
		}
		select {
		case <-over:
		default:
			continue
		}
		break
	}
	if asked == 0 {
		t.Error("the third was not asked while the others ran")
	}
	for name, err := range map[string]error{"loops": loops, "eats": eats} {
		var f *replay.FoldError
		if !errors.As(err, &f) || !errors.Is(err, errStopped) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if eats != nil && !strings.Contains(eats.Error(), "MiB of memory") {
		t.Errorf("eats: %v", eats)
	}
}

// TestMemoryOfOthers has a script run while another takes more memory than either
// may: it is not charged with that.
func TestMemoryOfOthers(t *testing.T) {
	var wg sync.WaitGroup
	var ate string
	var eats error
	wg.Go(func() {
		l := Limits{Memory: 1 << 40, Together: 1 << 40}
		ate, eats = notForTime(func() (string, error) {
			return question(`let a = [], t = 'x'; while (t.length < 8e6) t += t; for (let i = 0; i < 15; i++) a.push(t + i); s.n = a.length`, l, ev(0, "E", `{}`))
		})
	})
	_, loops := question(`for (;;);`, Limits{Time: time.Second, Memory: 32 << 20, Together: 1 << 40}, ev(0, "E", `{}`))
	wg.Wait()
	if eats != nil || ate != `{"n":15}` {
		t.Errorf("%s, %v", ate, eats)
	}
	if loops == nil || !strings.Contains(loops.Error(), "did not return within 1s") {
		t.Errorf("got %v", loops)
	}
}

// TestWithin leaves a script to itself that no interrupt reaches.
func TestWithin(t *testing.T) {
	blocked, left := make(chan struct{}), make(chan error, 1)
	err := Within(Limits{Time: 20 * time.Millisecond}, func(l Limits) error {
		s, err := LoadInline("inline", `block()`, l)
		if err != nil {
			return err
		}
		_ = s.e.rt.Set("block", func() { <-blocked })
		st := state.New()
		if err := s.Init(t.Context(), st); err != nil {
			return err
		}
		_, err = s.Apply(context.Background(), st, ev(7, "E", `{}`))
		left <- err
		return err
	})
	var f *replay.FoldError
	if !errors.As(err, &f) || f.At.Label() != ev(7, "E", `{}`).Moment().Label() || !strings.Contains(err.Error(), "did not return within 20ms") {
		t.Errorf("got %v", err)
	}
	if got, err := question(`s.n = 1`, Limits{}, ev(0, "E", `{}`)); got != `{"n":1}` || err != nil {
		t.Errorf("meanwhile: %s, %v", got, err)
	}
	close(blocked)
	if err := <-left; err == nil {
		t.Error("the script that was left is not stopped")
	}
}

// TestWithinCrashes has what goes wrong in a question be seen by its host.
func TestWithinCrashes(t *testing.T) {
	defer func() {
		if x := recover(); x == nil || !strings.Contains(fmt.Sprint(x), "oops") {
			t.Errorf("recovered %v", x)
		}
	}()
	_ = Within(Limits{}, func(Limits) error { panic("oops") })
}
