package jsonfile

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"asof/replay"
	"asof/replay/store/source"
)

// settled waits until a later write is certain to be seen.
func settled() { time.Sleep(2 * source.RacyAge) }

// keptForms writes event i of a file in each form that has something of its own between
// the first pass and the later ones.
var keptForms = map[string]struct {
	line func(i, n int) string
	o    source.Options
}{
	"native": {line: func(i, n int) string {
		return fmt.Sprintf(`{"stream":"cart-%d","version":%d,"type":"T%d","time":"2026-03-01T09:00:%02dZ","data":{"n":%d}}`, i%3, i/3+1, i%4, i%60, n)
	}},
	"mapped": {
		line: func(i, n int) string {
			return fmt.Sprintf(`{"s":"cart-%d","t":"T%d","at":"2026-03-01 09:00:%02d Europe/Berlin","n":%d,"by":{"id":%d}}`, i%3, i%4, 59-i%60, n, i%5)
		},
		o: source.Options{
			Map:      map[string]string{"stream": "s", "version": "#time", "type": "t", "time": "at", "data": "*", "meta": "by"},
			Metadata: source.Metadata{Actor: []string{"/id"}},
		},
	},
	"a number as the time": {
		line: func(i, n int) string {
			return fmt.Sprintf(`{"s":"cart-%d","v":%d,"t":"T","at":%d,"n":%d}`, i%3, i/3+1, 1767225600+i, n)
		},
		o: source.Options{Map: map[string]string{"stream": "s", "version": "v", "type": "t", "time": "at"}},
	},
	"Atom": {line: func(i, n int) string {
		return fmt.Sprintf(`{"eventId":"00000000-0000-4000-8000-%012d","eventType":"T","eventNumber":%d,"streamId":"cart-%d","positionStreamId":"all","positionEventNumber":%d,"isJson":true,"data":"{\"n\":%d}","updated":"2026-03-01T09:00:00Z"}`, i, i/3, i%3, i, n)
	}},
	"wal2json": {line: func(i, n int) string {
		return fmt.Sprintf(`{"xid":%d,"timestamp":"2026-03-01 09:00:00.%03d+00","change":[{"kind":"insert","schema":"public","table":"t","columnnames":["id","n"],"columntypes":["integer","integer"],"columnvalues":[%d,%d]}]}`, i/2, i, i, n)
	}},
}

// answer is all that a reader answers, as text.
func answer(path string, o source.Options) (string, *index) {
	var b strings.Builder
	r, err := open(context.Background(), path, o)
	if err != nil {
		return "error: " + err.Error(), nil
	}
	defer r.Close() //nolint:errcheck // only read
	ctx := context.Background()
	sum, err := r.Summary(ctx)
	fmt.Fprintf(&b, "%+v\n%+v %v\n", r.Info(), sum, err)
	for s, err := range r.Streams(ctx, replay.StreamQuery{}) {
		fmt.Fprintf(&b, "%+v %v\n", s, err)
	}
	for _, q := range []replay.Query{{}, {Order: replay.ByStream, Reverse: true}, {Streams: []replay.StreamID{"cart-1"}, Skip: replay.FieldData}} {
		for e, err := range r.Events(ctx, q) {
			if fmt.Fprintln(&b, err); err == nil {
				one := e.Clone()
				fmt.Fprintf(&b, "%s %+v\n", one.Data, one)
			}
		}
	}
	return b.String(), r.(*reader).idx //nolint:forcetypeassert // see open
}

// A rewriter changes a file of lines in every way that applications do.
type rewriter struct {
	t     *testing.T
	rng   *rand.Rand
	path  string
	line  func(i, n int) string
	lines [][2]int // what line takes
	next  int
}

func (w *rewriter) add() { w.lines, w.next = append(w.lines, [2]int{w.next, 1000}), w.next+1 }

func (w *rewriter) text() []byte {
	var b strings.Builder
	for _, l := range w.lines {
		b.WriteString(w.line(l[0], l[1]) + "\n")
	}
	return []byte(b.String())
}

func (w *rewriter) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// change changes the file, and names how.
func (w *rewriter) change() string {
	switch w.rng.IntN(6) {
	case 0:
		return "nothing"
	case 1:
		was := len(w.text())
		w.add()
		f, err := os.OpenFile(w.path, os.O_APPEND|os.O_WRONLY, 0)
		w.must(err)
		_, err = f.Write(w.text()[was:])
		w.must(err)
		w.must(f.Close())
		return "appended"
	case 2:
		w.lines[w.rng.IntN(len(w.lines))][1] = 1000 + w.rng.IntN(9000)
		return "a payload changed, " + w.inPlace()
	case 3:
		i, k := w.rng.IntN(len(w.lines)), w.rng.IntN(len(w.lines))
		w.lines[i], w.lines[k] = w.lines[k], w.lines[i]
		return "two lines swapped, " + w.inPlace()
	case 4:
		w.lines[w.rng.IntN(len(w.lines))][1] = 1000 + w.rng.IntN(9000)
		was, err := os.Stat(w.path)
		w.must(err)
		w.must(os.WriteFile(w.path+".new", w.text(), 0o600))
		w.must(os.Chtimes(w.path+".new", was.ModTime(), was.ModTime()))
		w.must(os.Rename(w.path+".new", w.path))
		return "replaced by another file of the same size and time"
	}
	w.lines = w.lines[:max(3, len(w.lines)-1)]
	w.must(os.WriteFile(w.path, w.text(), 0o600))
	return "the last event removed"
}

// inPlace writes the same number of bytes, and half of the time puts the time back.
func (w *rewriter) inPlace() string {
	was, err := os.Stat(w.path)
	w.must(err)
	f, err := os.OpenFile(w.path, os.O_WRONLY, 0)
	w.must(err)
	_, err = f.WriteAt(w.text(), 0)
	w.must(err)
	w.must(f.Close())
	if w.rng.IntN(2) == 0 {
		return "in place"
	}
	w.must(os.Chtimes(w.path, was.ModTime(), was.ModTime()))
	return "in place, the time put back"
}

// TestKeptIndexAnswersTheSame checks that an index that is kept between questions changes
// no answer, whatever happens to the file meanwhile, and that it is used if nothing does.
func TestKeptIndexAnswersTheSame(t *testing.T) {
	for name, f := range keptForms {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // most of the time it waits
			w := &rewriter{t: t, rng: rand.New(rand.NewPCG(1, 2)), path: filepath.Join(t.TempDir(), "events"), line: f.line}
			for range 200 {
				w.add()
			}
			w.must(os.WriteFile(w.path, w.text(), 0o600))
			keeping, plain := f.o, f.o
			keeping.Indexes = &source.Indexes{}
			var last *index
			used := 0
			for step := range 40 {
				how := w.change()
				if w.rng.IntN(4) > 0 {
					settled()
				}
				want, read := answer(w.path, plain)
				if read == nil {
					t.Fatalf("step %d, %s: %s", step, how, want)
				}
				got, idx := answer(w.path, keeping)
				if got != want {
					t.Fatalf("step %d, %s: with a kept index\n%s\nwithout\n%s", step, how, got, want)
				}
				if idx == last {
					used++
					if how != "nothing" {
						t.Fatalf("step %d, %s: the index of before is used", step, how)
					}
				}
				last = idx
			}
			settled()
			_, last = answer(w.path, keeping)
			if _, again := answer(w.path, keeping); again != last || used == 0 {
				t.Errorf("the index of an unchanged file is not used (before: %d times)", used)
			}
		})
	}
}

// TestKeptIndexServesManyAtOnce asks several questions of one kept index at the same time.
func TestKeptIndexServesManyAtOnce(t *testing.T) {
	for name, f := range keptForms {
		var lines []string
		for i := range 60 {
			lines = append(lines, f.line(i, 1000+i))
		}
		path := filepath.Join(t.TempDir(), "events")
		if err := os.WriteFile(path, []byte(strings.Join(lines, "\n")), 0o600); err != nil {
			t.Fatal(err)
		}
		settled()
		want, _ := answer(path, f.o)
		o := f.o
		o.Indexes = &source.Indexes{}
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				for range 5 {
					if got, _ := answer(path, o); got != want {
						t.Errorf("%s: got\n%s\nwant\n%s", name, got, want)
					}
				}
			})
		}
		all.Wait()
	}
}

// TestKeptIndexIsOfItsOptions checks that a file read in another way is indexed again.
func TestKeptIndexIsOfItsOptions(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events")
	if err := os.WriteFile(path, []byte(`{"stream":"a","version":1,"type":"T","data":{"n":1},"other":"b"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	settled()
	kept := &source.Indexes{}
	var seen []*index
	for _, o := range []source.Options{
		{},
		{Dialect: "asof-ndjson"},
		{TimeZone: time.FixedZone("X", 3600)},
		{Metadata: source.Metadata{Actor: []string{"/id"}}},
		{Map: map[string]string{"stream": "other", "type": "type"}},
	} {
		plain := o
		o.Indexes = kept
		want, _ := answer(path, plain)
		got, idx := answer(path, o)
		if got != want || idx == nil || slices.Contains(seen, idx) {
			t.Errorf("%+v: %s, want %s", plain, got, want)
		}
		seen = append(seen, idx)
	}
}

// TestIndexSize checks that the size of an index is counted per record as it is in memory.
func TestIndexSize(t *testing.T) {
	if n := int(reflect.TypeFor[record]().Size()) + 4; n != recordSize {
		t.Errorf("a record has %d bytes", n)
	}
	if n := int(reflect.TypeFor[stream]().Size()); n > streamSize {
		t.Errorf("a stream has %d bytes", n)
	}
}
