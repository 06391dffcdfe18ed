package cmd

import (
	"io"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// countingWriter counts the bytes that it is given.
type countingWriter struct{ n atomic.Int64 }

func (w *countingWriter) Write(p []byte) (int, error) {
	w.n.Add(int64(len(p)))
	return len(p), nil
}

// TestProgressEnds shows bars, also of work whose extent is not known. Nothing draws one
// after the work is done, over what the program prints then.
func TestProgressEnds(t *testing.T) {
	t.Parallel()
	for _, total := range []int64{-1, 1000} {
		w := &countingWriter{}
		a := &app{IO: IO{
			Out: io.Discard, Err: w, In: strings.NewReader(""), Env: func(string) string { return "" },
			Terminal: func(io.Writer) (int, bool) { return 80, true },
		}}
		p := a.progress("reading", total)
		for end := time.Now().Add(time.Minute); w.n.Load() == 0; time.Sleep(progressEvery) {
			if time.Now().After(end) {
				t.Fatalf("no bar of %d in a minute", total)
			}
			p.Add(1)
		}
		p.Done()
		drawn := w.n.Load()
		time.Sleep(3 * progressEvery)
		if more := w.n.Load() - drawn; more > 0 {
			t.Errorf("%d bytes of a bar of %d are drawn after the work is done", more, total)
		}
	}
}
