package mcp

import (
	"context"
	"fmt"
	"os"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"asof/fixtures/demo"
	"asof/replay"
	"asof/replay/store/storetest"
	"asof/replay/workspace"
)

// A printed reader has a fingerprint.
type printed struct {
	replay.Reader
	print replay.Fingerprint
}

func (r printed) Fingerprint() (replay.Fingerprint, bool) { return r.print, true }

// TestKeptStreamsAreThoseOfTheStore asks for streams of what is kept and of the store.
func TestKeptStreamsAreThoseOfTheStore(t *testing.T) {
	r := printed{storetest.Memory(slices.Collect(demo.Shop(600))), replay.Fingerprint{Store: "s", Content: "1"}}
	c := &call{server: &Server{}}
	var ids []replay.StreamID
	for s, err := range c.keeping(r).Streams(t.Context(), replay.StreamQuery{}) {
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, s.ID)
	}
	if all, ok := c.server.streams.load(r.print); !ok || len(all) != len(ids) || len(ids) < 50 {
		t.Fatalf("%d streams are kept of %d", len(all), len(ids))
	}
	moved := printed{r.Reader, replay.Fingerprint{Store: "s", Content: "2"}}
	if _, ok := c.server.streams.load(moved.print); ok {
		t.Error("streams are kept of a store that has changed")
	}
	rapid.Check(t, func(t *rapid.T) {
		id := rapid.SampledFrom(append(slices.Clone(ids), "nothing", "zzz"))
		q := replay.StreamQuery{Reverse: rapid.Bool().Draw(t, "reverse"), Limit: rapid.IntRange(0, 4).Draw(t, "limit")}
		if rapid.Bool().Draw(t, "after") {
			q.After = id.Draw(t, "id")
		}
		switch rapid.IntRange(0, 3).Draw(t, "of") {
		case 0:
			q.IDs = rapid.SliceOfN(id, 1, 4).Draw(t, "ids")
		case 1:
			q.Categories = rapid.SliceOfN(rapid.SampledFrom([]string{"cart", "order", "none"}), 1, 2).Draw(t, "categories")
		case 2:
			q.Prefix = string(id.Draw(t, "prefix")[:3])
		}
		if got, want := listed(t, c.keeping(r), q), listed(t, r.Reader, q); !slices.Equal(got, want) {
			t.Fatalf("%+v: %v, want %v", q, got, want)
		}
	})
}

func listed(t *rapid.T, r replay.Reader, q replay.StreamQuery) (all []string) {
	for s, err := range r.Streams(context.Background(), q) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, fmt.Sprint(s))
	}
	return all
}

// TestReadsAhead: a server reads what calls about a whole store need before they come.
func TestReadsAhead(t *testing.T) {
	dir := t.TempDir()
	writeDemo(t, dir)
	w := workspace.New(workspace.Host{Dir: dir, NoCommands: true}, workspace.Options{NoCache: true})
	defer w.Close()
	s := New(w, Options{Stores: []Store{{Name: "shop", Ref: workspace.StoreRef{Store: "shop.db"}, Args: []string{"shop.db"}}}})
	stop := s.readAhead(t.Context())
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
		if n := keptOf(s); n == 3 {
			break
		} else if time.Now().After(deadline) {
			t.Fatalf("%d of 3 are kept", n)
		}
	}
	s.descriptions.all.Range(func(_, d any) bool {
		if n := d.(description).info.Summary.Events; n != demo.Events {
			t.Errorf("%d events are described, not %d", n, demo.Events)
		}
		return true
	})
	stop()
	if s.prepare(&s.o.Stores[0]); s.ahead.ctx != nil {
		t.Error("it reads ahead after its end")
	}
}

// keptOf counts what is kept.
func keptOf(s *Server) (n int) {
	count := func(any, any) bool { n++; return true }
	s.descriptions.all.Range(count)
	s.streams.all.Range(count)
	s.causes.all.Range(count)
	return n
}

// TestReadingOnceIsShared: of two that want the same at once one reads, and who has waited
// for a reader that failed reads again.
func TestReadingOnceIsShared(t *testing.T) {
	var k kept[int]
	f := replay.Fingerprint{Store: "s", Content: "1"}
	reads, begun, fail := 0, make(chan struct{}), make(chan struct{})
	ended := make(chan error)
	go func() {
		_, err := k.get(t.Context(), f, func() (int, error) { reads++; close(begun); <-fail; return 0, os.ErrClosed })
		ended <- err
	}()
	<-begun
	got := make(chan int)
	go func() {
		n, _ := k.get(t.Context(), f, func() (int, error) { reads++; return 7, nil })
		got <- n
	}()
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := k.get(gone, f, func() (int, error) { reads++; return 9, nil }); err == nil {
		t.Error("a call that was given up has read")
	}
	close(fail)
	if err := <-ended; err == nil {
		t.Error("the error of the reader is lost")
	}
	if n := <-got; n != 7 || reads != 2 {
		t.Errorf("%d after %d reads", n, reads)
	}
	if n, err := k.get(t.Context(), f, func() (int, error) { reads++; return 0, nil }); n != 7 || err != nil || reads != 2 {
		t.Errorf("%d, %v after %d reads", n, err, reads)
	}
}
