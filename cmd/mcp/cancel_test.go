package mcp

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
)

// Scripts that take some 20 ms for each event: a loop within the steps of the quick engine,
// and one that needs the other.
const (
	loops     = `let k = 0; for (let i = 0; i < 400000; i++) { k = k + 1 } `
	loopsSlow = `let k = 0; const r = /x/; for (let i = 0; i < 60000; i++) { k += r.test("abc") ? 1 : 0 } `
)

// TestCancellation cancels a call of every tool that runs scripts, each of which would take
// many seconds. Every call ends soon.
func TestCancellation(t *testing.T) {
	s := newServer(t, Options{}, "odd.ndjson")
	began := time.Now()
	if a := asked(t, s, "state_at", `{"stream":"long","at":"10","fold":`+string(mustJSON(loops+"s.k = k"))+`}`); a.Failed {
		t.Fatal(a.Text)
	}
	// What is folded ends within a second, and the machine may be slow: all events take 30
	// times as long as these ten.
	soon := 2*time.Second + 10*time.Since(began)
	var calls [][2]string
	for _, loop := range []string{loops, loopsSlow} {
		fold := string(mustJSON(loop + "s.n = (s.n ?? 0) + 1; s.k = k"))
		for _, one := range [][2]string{
			{"state_at", `{"stream":"long"`},
			{"state_at", `{"stream":"long","edits":[{"kind":"drop","version":300}]`},
			{"diff_states", `{"stream":"long"`},
			{"diff_states", `{"stream":"long","other_stream":"victim"`},
			{"find_change", `{"stream":"long","bad":"state.n < 0"`},
			{"blame", `{"stream":"long"`},
			{"blame", `{"stream":"long","removed":true`},
			{"blame", `{"stream":"long","path":"/n","why":true`},
			{"blame", `{"stream":"long","path":"/n","history":true`},
			{"check", `{"bad":"state.n < 0"`},
			{"find_streams", `{"where_state":"state.n < 0"`},
			{"read_events", `{"stream":"long","changes":true`},
			{"read_events", `{"changes":true`},
			{"query", `{"sql":"SELECT max(n) FROM state_history"`},
			{"query", `{"tables":true`},
		} {
			calls = append(calls, [2]string{one[0], one[1] + `,"fold":` + fold + `}`})
		}
		state, event := endless(loop, "state"), endless(loop, "event")
		calls = append(calls,
			[2]string{"find_change", `{"stream":"long","bad":` + state + `}`},
			[2]string{"check", `{"bad":` + state + `}`},
			[2]string{"find_streams", `{"where_state":` + state + `}`},
			[2]string{"read_events", `{"where":` + event + `}`},
			[2]string{"read_events", `{"stream":"long","where":` + event + `}`})
	}
	calls = append(calls,
		[2]string{"query", `{"sql":"WITH RECURSIVE t(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM t) SELECT count(*) FROM t"}`},
		[2]string{"query", `{"sql":"SELECT count(*) FROM events a, events b, events c, events d WHERE a.version + b.version + c.version + d.version < 0"}`})
	for _, one := range calls {
		ctx, cancel := context.WithCancel(t.Context())
		answers := make(chan Answer, 1)
		go func() { answers <- s.Call(ctx, one[0], json.RawMessage(one[1]), nil) }()
		time.Sleep(20 * time.Millisecond)
		cancel()
		began = time.Now()
		a := <-answers
		if took := time.Since(began); took > soon {
			t.Errorf("%s %.90s: it ended %v after it was cancelled, which may take %v", one[0], one[1], took, soon)
		}
		if !a.Failed || !strings.Contains(a.Text, `"error":"interrupted"`) {
			t.Errorf("%s %.90s: it is answered %.300s", one[0], one[1], a.Text)
		}
	}
}

// endless is an expression over a value, which is false after a loop.
func endless(loop, name string) string {
	return string(mustJSON(fmt.Sprintf("(() => { %s return k < 0 && %s.n > 0 })()", loop, name)))
}
