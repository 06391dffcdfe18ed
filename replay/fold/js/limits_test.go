package js

import (
	"context"
	"errors"
	"os"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"asof/fixtures/testmain"
	"asof/replay"
	"asof/replay/state"
)

// longestOutsideTests is maxTime before TestMain changes it.
var longestOutsideTests = maxTime

func TestMain(m *testing.M) {
	regexTimeout = time.Second // the longest match of a test
	maxTime = time.Minute      // a busy machine must not turn a test of memory into one of time
	os.Exit(testmain.Run(m))
}

// TestLimits stops scripts that would not stop, and uses them again.
func TestLimits(t *testing.T) {
	for _, test := range []struct{ name, src, want string }{
		{"loop", `while (true);`, "did not return within 100ms"},
		{"loop in a handler's getter", `s.x = {get a() { for (;;); }}`, "did not return within 100ms"},
		{"loop in toJSON", `s.x = {toJSON() { for (;;); }}`, "did not return within 100ms"},
		{"loop in toString of an error", `throw {toString() { for (;;); }}`, "without a message"},
		{"loop that catches", `for (;;) try { for (;;); } catch (x) {} finally { continue }`, "did not return within 100ms"},
		{"endless getters", `const f = () => ({get a() { return f() }}); s.x = f()`, "deeper than"},
		{"memory", `const a = []; while (true) a.push('x'.repeat(1e6));`, "memory"},
		{"doubling", `let t = 'x'; while (true) t += t`, "memory"},
		{"growing state", `s.l ??= []; while (true) s.l.push({a: 'b'})`, ""},
		{"backtracking", `s.x = /^(?=(a+)+$)/.test('a'.repeat(40) + '!')`, "did not return within 100ms"},
	} {
		t.Run(test.name, func(t *testing.T) {
			o := Limits{Time: maxTime, Memory: 64 << 20}
			if test.want != "memory" && test.want != "deeper than" {
				o = Limits{Time: 100 * time.Millisecond, Memory: 1 << 40}
			}
			s, err := LoadInline("inline", "if (e.data.on) {"+test.src+"\n} else s.ok = true", o)
			if err != nil {
				t.Fatal(err)
			}
			st := state.New()
			if err := s.Init(t.Context(), st); err != nil {
				t.Fatal(err)
			}
			if _, err := st.Commit(false); err != nil {
				t.Fatal(err)
			}
			_, err = s.Apply(context.Background(), st, ev(0, "E", `{"on":true}`))
			var fe *replay.FoldError
			if !errors.As(err, &fe) || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("got %v", err)
			}
			st.Rollback()
			if _, err := s.Apply(context.Background(), st, ev(1, "E", `{"on":false}`)); err != nil {
				t.Fatalf("afterwards: %v", err)
			}
			if got := rootJSON(st); got != `{"ok":true}` {
				t.Errorf("afterwards: %s", got)
			}
		})
	}
}

// TestGarbage has scripts take memory where none is collected by itself: only
// what is not garbage counts.
func TestGarbage(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	for _, test := range []struct{ src, want string }{
		{`for (let i = 0; i < 40; i++) s.x = ('' + i).repeat(1e6).length`, ""},
		{`const a = []; while (true) a.push((a.length + '').repeat(1e6))`, "it took more than 32 MiB of memory"},
	} {
		s, err := LoadInline("inline", test.src, Limits{Time: maxTime, Memory: 32 << 20})
		if err != nil {
			t.Fatal(err)
		}
		st := state.New()
		if err := s.Init(t.Context(), st); err != nil {
			t.Fatal(err)
		}
		_, err = s.Apply(context.Background(), st, ev(0, "E", `{}`))
		if err != nil && (test.want == "" || !strings.Contains(err.Error(), test.want)) || err == nil && test.want != "" {
			t.Errorf("%s: got %v", test.src, err)
		}
	}
}

func TestCancel(t *testing.T) {
	s, err := LoadInline("inline", `for (;;);`, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(50*time.Millisecond, cancel)
	st := state.New()
	if err := s.Init(t.Context(), st); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Apply(ctx, st, ev(0, "E", `{}`)); !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v", err)
	}
}

// TestStuck has a script that no interrupt reaches: one huge operation.
func TestStuck(t *testing.T) {
	told := make(chan error, 1)
	s, err := LoadInline("inline", `(10n ** 3000n) ** 1000n; for (;;);`, Limits{Time: 20 * time.Millisecond, Stuck: func(err error) { told <- err }})
	if err != nil {
		t.Fatal(err)
	}
	st := state.New()
	if err := s.Init(t.Context(), st); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Apply(context.Background(), st, ev(0, "E", `{}`)); err == nil {
		t.Fatal("no error")
	}
	select {
	case <-told:
	default:
		t.Skip("the operation was too fast to be noticed")
	}
}

// TestWatchRests runs a script, and then none for a while.
func TestWatchRests(t *testing.T) {
	s := mustLoad(t, `(s, e) => { s.n = (s.n ?? 0) + 1 }`)
	for range 3 {
		if _, err := foldAll(s, events(`{}`, `{}`)); err != nil {
			t.Fatal(err)
		}
		for end := time.Now().Add(time.Minute); s.e.watch.armed.Load(); {
			if time.Now().After(end) {
				t.Fatal("the watch does not rest")
			}
			time.Sleep(watchEvery)
		}
	}
}

func TestDefaultLimits(t *testing.T) {
	if longestOutsideTests != 5*time.Second {
		t.Errorf("the longest limit is %v", longestOutsideTests)
	}
	if o := (Limits{Time: time.Hour}).orDefault(); o.Time != maxTime || o.Memory != 512<<20 {
		t.Errorf("limits are %v and %d bytes", o.Time, o.Memory)
	}
	if o := (Limits{}).orDefault(); o.Time != 5*time.Second || o.Memory != 512<<20 {
		t.Errorf("limits by default are %v and %d bytes", o.Time, o.Memory)
	}
}
