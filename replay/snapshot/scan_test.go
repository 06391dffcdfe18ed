package snapshot

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"asof/replay"
	"asof/replay/store/storetest"
)

func scanOf(t *testing.T, dir string, b replay.Reader, warned *[]string, question ...string) *Scan {
	t.Helper()
	s := New(dir, Options{Warn: func(s string) { *warned = append(*warned, s) }}).Scan(b, question, About{Fold: "f"})
	if s == nil {
		t.Fatal("no scan")
	}
	return s
}

func writes(text string) func(io.Writer) error {
	return func(w io.Writer) error { _, err := io.WriteString(w, text); return err }
}

// loaded is what is kept, and whether it is proved; "none" where there is none.
func loaded(s *Scan) string {
	var out string
	ok := s.Load(func(r io.Reader, proved bool) error {
		b, err := io.ReadAll(r)
		out = fmt.Sprint(string(b), " ", proved)
		return err
	})
	if !ok {
		return "none"
	}
	return out
}

func wantScan(t *testing.T, s *Scan, want string) {
	t.Helper()
	if got := loaded(s); got != want {
		t.Errorf("kept is %.60q, want %.60q", got, want)
	}
}

// One answer is kept for each question; it is proved as long as the store is
// known to be the same.
func TestScan(t *testing.T) {
	dir, warned := t.TempDir(), []string{}
	b := &book{content: "1"}
	s := scanOf(t, dir, b, &warned, "a", "b")
	wantScan(t, s, "none")
	s.Save(writes("first"))
	wantScan(t, s, "first true")
	s.Save(writes("second"))
	wantScan(t, scanOf(t, dir, b, &warned, "a", "b"), "second true")
	for _, other := range [][]string{{"ab"}, {"a", "b", ""}, {"a"}, {"b", "a"}} {
		wantScan(t, scanOf(t, dir, b, &warned, other...), "none")
	}
	wantScan(t, scanOf(t, dir, &book{content: "2"}, &warned, "a", "b"), "second false")
	wantScan(t, scanOf(t, dir, &book{}, &warned, "a", "b"), "second false")
	scanOf(t, dir, &book{}, &warned, "a", "b").Save(writes("unsure"))
	wantScan(t, scanOf(t, dir, &book{}, &warned, "a", "b"), "unsure false")
	s.Drop()
	wantScan(t, s, "none")
	if len(warned) > 0 {
		t.Errorf("warned %q", warned)
	}
	if New(dir, Options{}).Scan(storetest.Memory(nil), nil, About{}) != nil {
		t.Error("an unrecognizable store is cached")
	}
}

// Whatever is wrong with a file, what was written is read, or nothing.
func TestScanDamaged(t *testing.T) {
	dir, warned := t.TempDir(), []string{}
	b := &book{content: "1"}
	s := scanOf(t, dir, b, &warned)
	text := strings.Repeat("a stream and another. ", 20)
	s.Save(writes(text))
	whole, err := os.ReadFile(s.path())
	if err != nil {
		t.Fatal(err)
	}
	try := func(b []byte, what string) {
		t.Helper()
		warned = nil
		if err := os.WriteFile(s.path(), b, 0o600); err != nil {
			t.Fatal(err)
		}
		switch got := loaded(s); got {
		case text + " true", text + " false":
			if !bytes.Equal(b[:len(scanMagic)], whole[:len(scanMagic)]) || !bytes.Equal(b[scanSumAt:], whole[scanSumAt:]) {
				t.Errorf("%s is believed", what)
			}
		case "none":
			if _, err := os.Stat(s.path()); len(warned) != 1 || !errors.Is(err, os.ErrNotExist) {
				t.Errorf("%s: warned %q, %v", what, warned, err)
			}
		default:
			t.Errorf("%s gives %q", what, got)
		}
	}
	for i := range whole {
		flipped := bytes.Clone(whole)
		flipped[i] ^= 0x10
		try(flipped, fmt.Sprint("byte ", i))
		try(whole[:i], fmt.Sprint(i, " bytes"))
	}
	try(append(bytes.Clone(whole), 0), "one byte more")

	// What reads it may find it wrong, too.
	s.Save(writes(text))
	warned = nil
	if s.Load(func(io.Reader, bool) error { return errors.New("no such form") }) || len(warned) != 1 {
		t.Errorf("a damaged file is accepted; warned %q", warned)
	}
	wantScan(t, s, "none")
}

// Where an answer can't be kept, the one before stays or goes, but is never a
// mixture, and the user is told.
func TestScanNotCached(t *testing.T) {
	dir, warned := t.TempDir(), []string{}
	b := &book{content: "1"}
	s := scanOf(t, dir, b, &warned)
	s.Save(writes("before"))
	s.Save(func(w io.Writer) error {
		return errors.Join(writes("half of it")(w), errors.New("the other half"))
	})
	if len(warned) != 1 || !strings.Contains(warned[0], "the other half") {
		t.Errorf("warned %q", warned)
	}
	wantScan(t, s, "before true")

	// More than its share of the cache.
	warned = nil
	small := New(dir, Options{Limit: 4000, Warn: func(s string) { warned = append(warned, s) }}).Scan(b, nil, About{})
	small.Save(func(w io.Writer) error {
		for i := range 3000 {
			if _, err := fmt.Fprintln(w, i*i*i*7919); err != nil {
				return err
			}
		}
		return nil
	})
	if len(warned) != 1 || !strings.Contains(warned[0], "exceeds a quarter") {
		t.Errorf("warned %q", warned)
	}
	wantScan(t, s, "before true")

	// A folder that is a file.
	warned = nil
	bad := filepath.Join(dir, "file")
	if err := os.WriteFile(bad, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	s = scanOf(t, bad, b, &warned)
	wantScan(t, s, "none")
	s.Save(writes("text"))
	s.Save(writes("text"))
	if len(warned) != 1 || !strings.Contains(warned[0], "cannot cache states in") {
		t.Errorf("warned %q", warned)
	}
	left, err := filepath.Glob(filepath.Join(dir, statesFolder, "*", ".new-*"))
	if err != nil || left != nil {
		t.Errorf("%q is left, %v", left, err)
	}
}

// A scan is listed, cleared, and goes when the cache is full, as states do.
func TestScanIsListed(t *testing.T) {
	dir, warned := t.TempDir(), []string{}
	c := New(dir, Options{Limit: 100_000})
	b := &book{content: "1"}
	c.Scan(b, nil, About{Timeline: "shard 1/2", Asked: []string{"a", "b"}}).Save(writes("text"))
	kept, err := c.Kept()
	if err != nil || len(kept) != 1 || !kept[0].Scan || kept[0].States != 0 || kept[0].Bytes == 0 ||
		!reflect.DeepEqual(kept[0].About, About{Store: "book", Timeline: "shard 1/2", Asked: []string{"a", "b"}}) {
		t.Fatalf("%+v, %v", kept, err)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	wantScan(t, scanOf(t, dir, b, &warned), "text true")
	full := New(dir, Options{Limit: 1})
	full.wrote.Store(1)
	if err := full.Close(); err != nil {
		t.Fatal(err)
	}
	wantScan(t, scanOf(t, dir, b, &warned), "none")

	c.Scan(b, nil, About{}).Save(writes("text"))
	if err := c.Clear(); err != nil {
		t.Fatal(err)
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) > 0 {
		t.Errorf("%v is left, %v", left, err)
	}
}
