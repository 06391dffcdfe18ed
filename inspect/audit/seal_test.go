package audit_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"

	"asof/inspect/audit"
	"asof/replay"
	"asof/replay/store/storetest"
)

func sealed(t testing.TB, k *audit.Key, events []replay.Event, log string) *audit.Sealed {
	t.Helper()
	s := audit.Seal{Reader: storetest.Memory(events), Key: k}
	out, err := s.Run(context.Background(), log)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestSealGrows seals a growing store across the borders of tiles, and reads the tiles
// with tlog's reader.
func TestSealGrows(t *testing.T) {
	t.Parallel()
	k, v := newKey(t, 1, "shop")
	all := shop(1100)
	log := filepath.Join(t.TempDir(), "seals")
	before := int64(0)
	for _, n := range []int{0, 1, 255, 256, 257, 600, 600, 1100} {
		got := sealed(t, k, all[:n], log)
		if len(got.Findings) > 0 || got.Before != before || got.Size != int64(n) {
			t.Fatalf("%d events: %+v", n, got)
		}
		before = got.Size
		c, err := audit.OpenCheckpoint(got.Checkpoint, v)
		if err != nil || c.Size != int64(n) {
			t.Fatal(c, err)
		}
		if n == 0 {
			continue
		}
		r := tlog.TileHashReader(tlog.Tree{N: c.Size, Hash: c.Root}, tileReader{t, log})
		root, err := tlog.TreeHash(c.Size, r)
		if err != nil || root != c.Root {
			t.Fatalf("%d events: the tiles do not add up to the root: %v", n, err)
		}
		if _, err := tlog.ProveRecord(c.Size, c.Size/2, r); err != nil {
			t.Fatal(err)
		}
	}
	// An export has the same leaves, so the checkpoint of the log applies to it.
	text, err := os.ReadFile(filepath.Join(log, "checkpoint"))
	if err != nil {
		t.Fatal(err)
	}
	mustBeSound(t, write(t, exportOf(k, all)), audit.VerifyOptions{Key: v, Since: text})
}

type tileReader struct {
	t   testing.TB
	dir string
}

func (r tileReader) Height() int                     { return 8 }
func (r tileReader) SaveTiles([]tlog.Tile, [][]byte) {}
func (r tileReader) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var out [][]byte
	for _, t := range tiles {
		b, err := os.ReadFile(filepath.Join(r.dir, filepath.FromSlash(t.Path())))
		if err != nil {
			return nil, err
		}
		out = append(out, b)
	}
	return out, nil
}

func TestSealFinds(t *testing.T) {
	t.Parallel()
	k, _ := newKey(t, 1, "shop")
	whole := shop(300)
	change := func(i int, f func(*replay.Event)) func([]replay.Event) []replay.Event {
		return func(es []replay.Event) []replay.Event { f(&es[i]); return es }
	}
	for _, c := range []struct {
		name  string
		do    func([]replay.Event) []replay.Event
		kind  audit.Kind
		entry string
		what  string
	}{
		{"payload", change(100, func(e *replay.Event) { e.Data = []byte(`{}`) }), audit.Manipulated, "@", "payload"},
		{"actor", change(100, func(e *replay.Event) { e.Meta.Actor = "me" }), audit.Manipulated, "@", "another field"},
		{"type", change(100, func(e *replay.Event) { e.Type = "Other" }), audit.Manipulated, "@", "type"},
		{"metadata", change(100, func(e *replay.Event) { e.Meta.Raw = []byte(`{"a":1}`) }), audit.Manipulated, "@", "metadata"},
		{"time", change(100, func(e *replay.Event) { e.Time = february }), audit.Manipulated, "@", "time"},
		{"renumbered", change(100, func(e *replay.Event) { e.Version += 1000 }), audit.Manipulated, "@", "renumbered"},
		{"another stream", change(100, func(e *replay.Event) { e.Stream = "cart-x" }), audit.Manipulated, "cart-x@", "renumbered"},
		{"moved", change(100, func(e *replay.Event) { e.Position = 5000 }), audit.Missing, "@", "was sealed as leaf 100"},
		{"deleted", func(es []replay.Event) []replay.Event { return slices.Delete(es, 100, 101) }, audit.Missing, "@", "was sealed as leaf 100"},
		{"inserted", func(es []replay.Event) []replay.Event {
			e := es[0]
			e.Stream, e.Position = "cart-new", 101
			for i := range es {
				es[i].Position *= 2
			}
			e.Position = 201
			return append(es, e)
		}, audit.Manipulated, "@", ""},
		{"last events deleted", func(es []replay.Event) []replay.Event { return es[:250] }, audit.RolledBack, "@", "ends before leaf 250"},
		{"all events deleted", func(es []replay.Event) []replay.Event { return nil }, audit.RolledBack, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			log := filepath.Join(t.TempDir(), "seals")
			sealed(t, k, whole, log)
			before := contents(t, log)
			got := sealed(t, k, c.do(append(slices.Clone(whole), shop(301)[300])), log)
			if c.kind == audit.RolledBack {
				got = sealed(t, k, c.do(slices.Clone(whole)), log)
			}
			if !slices.ContainsFunc(got.Findings, func(f audit.Finding) bool {
				return f.Kind == c.kind && strings.Contains(f.Entry, c.entry) && strings.Contains(f.What, c.what)
			}) {
				t.Errorf("no %s in %v", c.kind, got.Findings)
			}
			if got.Checkpoint != nil || got.Size != 300 {
				t.Error("it was sealed despite findings")
			}
			if now := contents(t, log); string(now["checkpoint"]) != string(before["checkpoint"]) {
				t.Error("the checkpoint was replaced")
			}
		})
	}
}

// TestSealLogDamaged flips one bit of any file of the log.
func TestSealLogDamaged(t *testing.T) {
	t.Parallel()
	k, _ := newKey(t, 1, "shop")
	all := shop(300)
	log := filepath.Join(t.TempDir(), "seals")
	sealed(t, k, all[:270], log) // leaves partial tiles behind
	sealed(t, k, all, log)
	whole := contents(t, log)
	var names []string
	for n := range whole {
		names = append(names, n)
	}
	slices.Sort(names)
	rapid.Check(t, func(rt *rapid.T) {
		files := clone(whole)
		name := rapid.SampledFrom(names).Draw(rt, "file")
		bit := rapid.IntRange(0, 8*len(files[name])-1).Draw(rt, "bit")
		files[name][bit/8] ^= 1 << (bit % 8)
		s := audit.Seal{Reader: storetest.Memory(all), Key: k}
		out, err := s.Run(context.Background(), place(t, files))
		if err == nil && len(out.Findings) == 0 {
			rt.Fatalf("bit %d of %s was flipped, but nothing was found", bit, name)
		}
	})
}

func TestSealRolledBack(t *testing.T) {
	k, _ := newKey(t, 1, "shop")
	other, _ := newKey(t, 2, "shop")
	all := shop(300)
	log := filepath.Join(t.TempDir(), "seals")
	sealed(t, k, all[:200], log)
	old := contents(t, log)["checkpoint"]
	sealed(t, k, all, log)
	if err := os.WriteFile(filepath.Join(log, "checkpoint"), old, 0o644); err != nil {
		t.Fatal(err)
	}
	got := sealed(t, k, all, log)
	if len(got.Findings) != 1 || got.Findings[0].Kind != audit.RolledBack {
		t.Errorf("%v", got.Findings)
	}
	s := audit.Seal{Reader: storetest.Memory(all), Key: other}
	if _, err := s.Run(context.Background(), log); err == nil {
		t.Error("another key continues the log")
	}
	lacking := slices.Clone(all)
	lacking[0].Position = replay.NoPosition
	s = audit.Seal{Reader: storetest.Memory(lacking), Key: k}
	if _, err := s.Run(context.Background(), filepath.Join(t.TempDir(), "new")); err == nil {
		t.Error("a store without positions was sealed")
	}
}
