package audit_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"asof/inspect/audit"
)

// TestHostileLines checks that a line with too many values is not parsed, and that
// findings stay short whatever the bundle contains.
func TestHostileLines(t *testing.T) {
	t.Parallel()
	k, v := newKey(t, 1, "shop")
	whole := contents(t, write(t, exportOf(k, shop(20))))
	many := `{"leaf":0,"stream":"a","x":[` + strings.Repeat("[],", 600_000) + "0]}\n"
	long := `{"leaf":0,"stream":"` + strings.Repeat("x", 2<<20) + "\"}\n"
	for _, name := range []string{events, stored, leaves, changes, ends, "streams.json", "report.json", "manifest.json"} {
		files := clone(whole)
		files[name] = []byte(many)
		got := verify(t, place(t, files), audit.VerifyOptions{Key: v})
		if !slices.ContainsFunc(got.Findings, func(f audit.Finding) bool { return f.Kind == audit.Unreadable && f.File == name }) {
			t.Errorf("%s: %v", name, got.Findings)
		}
		files[name] = []byte(long)
		for _, f := range verify(t, place(t, files), audit.VerifyOptions{Key: v}).Findings {
			if len(f.Entry)+len(f.What) > 4<<10 {
				t.Errorf("%s: a finding has %d bytes", name, len(f.Entry)+len(f.What))
			}
		}
	}
}

// hostileStates writes one large state and many small changes to it, each with a
// wrong state.
func hostileStates(files map[string][]byte, size, lines int) {
	big := `{"a":[` + strings.Repeat("1,", size) + `1],"n":0}`
	var b strings.Builder
	for i := range lines {
		c := fmt.Sprintf(`[{"op":"replace","path":"/n","from":%d,"to":%d}]`, i, i+1)
		fmt.Fprintf(&b, `{"stream":"s","version":%d,"type":"T","handled":true,"changes":%s,"sha256":"%s","state":1}`+"\n", i+1, c, sumOf([]byte(c)))
	}
	files[changes] = []byte(b.String())
	files[ends] = fmt.Appendf(nil, `{"stream":"s","projection":"merge","events":%d,"from":{"version":null,"sha256":"%[2]s","state":%[3]s},"to":{"version":%[1]d,"sha256":"%[2]s","state":%[3]s}}`+"\n",
		lines, sumOf([]byte(big)), big)
}

// TestHostileStates takes hours if the cost of a change depends on the size of the
// state.
func TestHostileStates(t *testing.T) {
	t.Parallel()
	k, v := newKey(t, 1, "shop")
	files := contents(t, write(t, exportOf(k, shop(20))))
	hostileStates(files, 500_000, 20_000)
	if got := verify(t, place(t, files), audit.VerifyOptions{Key: v}); got.Clean() {
		t.Error("the bundle is reported as sound")
	}
}

// cutOff is a context that is canceled after a number of calls to Err.
type cutOff struct {
	context.Context
	left *int
}

func (c cutOff) Err() error {
	if *c.left--; *c.left < 0 {
		return context.Canceled
	}
	return nil
}

func (c cutOff) Deadline() (time.Time, bool) { return time.Time{}, false }

// TestVerifyIsInterruptible checks that verify stops soon after an interrupt at any
// point.
func TestVerifyIsInterruptible(t *testing.T) {
	t.Parallel()
	k, v := newKey(t, 1, "shop")
	files := contents(t, write(t, exportOf(k, shop(60))))
	hostileStates(files, 10, 2000)
	dir := place(t, files)
	for n := 0; n < 1500; n += 97 {
		left := n
		_, err := audit.Verify(cutOff{context.Background(), &left}, dir, audit.VerifyOptions{Key: v})
		if !errors.Is(err, context.Canceled) || left < -3 {
			t.Fatalf("after %d calls: %v, with %d more calls", n, err, -left)
		}
	}
}
