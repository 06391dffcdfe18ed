package replay

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"runtime"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"asof/replay/state"
)

// rowEvents yields n events from buffers that the next event overwrites, as
// readers do, and then err.
func rowEvents(n int, payload func(int) string, err error) func(context.Context) iter.Seq2[*Event, error] {
	return func(ctx context.Context) iter.Seq2[*Event, error] {
		return func(yield func(*Event, error) bool) {
			var e Event
			var data, meta []byte
			for i := range n {
				e = Event{Stream: "s", Version: Version(i), Type: "T"}
				switch text := payload(i); text {
				case "opaque":
					e.Opaque = "encrypted"
				case "none":
				default:
					data = append(data[:0], text...)
					e.Data = data
				}
				if i%3 == 0 {
					meta = append(meta[:0], fmt.Sprintf(`{"i":%d}`, i)...)
					e.Meta.Raw = meta
				}
				if ctx.Err() != nil {
					yield(nil, ctx.Err())
					return
				}
				if !yield(&e, nil) {
					return
				}
			}
			if err != nil {
				yield(nil, err)
			}
		}
	}
}

// seen is all that a fold can see of an event.
func seen(e *Event) string {
	body, err := e.Body()
	return fmt.Sprintf("%d %q %v %q %v %s %v", e.Version, e.Data, e.Data == nil, e.Meta.Raw, e.Meta.Raw == nil, state.AppendJSON(nil, body), err)
}

// Reading ahead, in batches and on other cores, gives what reading one by one
// does, up to wherever one stops, with the same error and the same running hash.
func TestReadAheadEqualsReading(t *testing.T) {
	kinds := []string{
		`{"a":[1,2,{"b":"ü"}],"s":"x"}`, `[]`, `"text with \n escape"`, `{"a":1,"a":2}`, "opaque", "none", "", `{"cut":`, "null",
		`{"long":"` + strings.Repeat("y", 3000) + `"}`, `{"huge":["` + strings.Repeat("z", batchBytes) + `",1]}`,
	}
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 5*batchSize).Draw(t, "events")
		salt := rapid.Uint32().Draw(t, "salt")
		payload := func(i int) string {
			k := (uint32(i)*2654435761 ^ salt) % 64
			if int(k) < len(kinds) {
				return kinds[k]
			}
			return fmt.Sprintf(`{"n":%d,"k":"%x"}`, i, k)
		}
		var end error
		if rapid.Bool().Draw(t, "fails") {
			end = errBroken
		}
		stop := rapid.IntRange(0, n+1).Draw(t, "stop")
		seq := rowEvents(n, payload, end)
		var chain Chain
		next, done := iter.Pull2(seq(context.Background()))
		defer done()
		i := 0
		for e, err := range (ahead{seq: seq, chain: new(Chain), skip: FieldID}).events(context.Background()) {
			want, wantErr, more := next()
			if !more || !errors.Is(err, wantErr) || (e == nil) != (want == nil) {
				t.Fatalf("event %d: %v, %v, want %v, %v", i, e, err, want, wantErr)
			}
			if e != nil {
				chain = chain.Add(want, FieldID)
				if got, want := seen(e), seen(want); got != want || e.Chain() != chain {
					t.Fatalf("event %d: %s, chain %x\nwant %s, %x", i, got, e.Chain(), want, chain)
				}
			}
			if i++; i == stop {
				return
			}
		}
		if _, _, more := next(); more {
			t.Fatalf("it ended after %d of %d events", i, n)
		}
	})
}

// A reader that stops early, or is cancelled, leaves nothing running.
func TestReadAheadLeavesNothingRunning(t *testing.T) {
	before := runtime.NumGoroutine()
	for stop := range 300 {
		ctx, cancel := context.WithCancel(context.Background())
		a := ahead{seq: rowEvents(10*batchSize, func(int) string { return `{}` }, nil)}
		i := 0
		var last error
		for _, err := range a.events(ctx) {
			last = err
			if i++; i == stop*5 {
				if stop%2 == 0 {
					break
				}
				cancel()
			}
		}
		if stop%2 == 1 && stop*5 < 2*batchSize && !errors.Is(last, context.Canceled) {
			t.Fatalf("cancelled after %d events: %v", i, last)
		}
		cancel()
	}
	for tries := 0; runtime.NumGoroutine() > before; tries++ {
		if tries == 6000 {
			t.Fatalf("%d goroutines, %d before", runtime.NumGoroutine(), before)
		}
		time.Sleep(10 * time.Millisecond)
	}
}
