package audit_test

import (
	"bytes"
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"asof/fixtures/demo"
	"asof/inspect/audit"
	"asof/replay"
	"asof/replay/fold"
	"asof/replay/store/storetest"
)

// seedReader is a deterministic source of randomness.
type seedReader byte

func (z seedReader) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(z) + byte(i)
	}
	return len(p), nil
}

func newKey(t testing.TB, seed byte, name string) (*audit.Key, note.Verifier) {
	t.Helper()
	private, vkey, err := audit.GenerateKey(seedReader(seed), name)
	if err != nil {
		t.Fatal(err)
	}
	k, err := audit.ParseKey([]byte(private + "\n"))
	if err != nil {
		t.Fatal(err)
	}
	v, err := audit.ParseVerifier(vkey)
	if err != nil {
		t.Fatal(err)
	}
	return k, v
}

func shop(n int) []replay.Event { return slices.Collect(demo.Shop(n)) }

func merged(replay.StreamID, string) (audit.Projection, error) {
	return audit.Projection{Fold: replay.Fold{Reducer: fold.Merge()}, Name: "merge"}, nil
}

func exportOf(k *audit.Key, events []replay.Event) *audit.Export {
	return &audit.Export{
		Reader: storetest.Memory(events), Key: k, States: audit.StatesEnds, Projection: merged,
		About: audit.About{Store: "shop", Zone: "UTC", Command: []string{"asof", "audit", "export", "shop"}},
	}
}

// write writes an export to a new folder.
func write(t testing.TB, x *audit.Export) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "q1")
	if _, err := x.Run(context.Background(), dir); err != nil {
		t.Fatal(err)
	}
	return dir
}

func verify(t testing.TB, dir string, o audit.VerifyOptions) *audit.Verified {
	t.Helper()
	v, err := audit.Verify(context.Background(), dir, o)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func mustBeSound(t testing.TB, dir string, o audit.VerifyOptions) *audit.Verified {
	t.Helper()
	v := verify(t, dir, o)
	for _, f := range v.Findings {
		t.Errorf("%s %s %s: %s", f.Kind, f.File, f.Entry, f.What)
	}
	if !v.Clean() {
		t.Fatalf("not sound; skipped %v", v.Skipped)
	}
	return v
}

// contents returns the files in a folder, by path.
func contents(t testing.TB, dir string) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		rel, _ := filepath.Rel(dir, path)
		out[filepath.ToSlash(rel)] = b
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// place writes files to a new folder.
func place(t testing.TB, files map[string][]byte) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "bundle")
	for name, b := range files {
		put(t, dir, name, b)
	}
	return dir
}

// put writes a file of a folder, and the folders above it.
func put(t testing.TB, dir, name string, b []byte) {
	t.Helper()
	path := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b, 0o644); err != nil {
		t.Fatal(err)
	}
}

func linesOf(b []byte) []string { return strings.SplitAfter(strings.TrimSuffix(string(b), "\n"), "\n") }

func joined(lines []string) []byte {
	s := strings.Join(lines, "")
	if !strings.HasSuffix(s, "\n") {
		s += "\n"
	}
	return []byte(s)
}

func orders(id replay.StreamID, _ string) bool { return strings.HasPrefix(string(id), "order-") }

var february = time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC)

// replaced replaces the first occurrence of old, which must exist.
func replaced(b []byte, old, fresh string) []byte {
	if !bytes.Contains(b, []byte(old)) {
		panic("nothing to replace: " + old)
	}
	return bytes.Replace(b, []byte(old), []byte(fresh), 1)
}
