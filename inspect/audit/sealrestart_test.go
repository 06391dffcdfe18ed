package audit_test

import (
	"context"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"asof/inspect/audit"
	"asof/replay"
	"asof/replay/store/storetest"
)

// TestSealRestarted removes parts of a log, as somebody without the key could, so that
// a rewritten history might be sealed over it. The rest of the log must reveal it.
func TestSealRestarted(t *testing.T) {
	t.Parallel()
	k, _ := newKey(t, 1, "shop")
	all := shop(600)
	log := filepath.Join(t.TempDir(), "seals")
	sealed(t, k, all[:100], log)
	early := contents(t, log)["checkpoint"]
	sealed(t, k, all, log)
	whole := contents(t, log)
	forged := slices.Clone(all)
	forged[40].Data, forged[400].Data = []byte(`{}`), []byte(`{}`)
	remove := func(prefixes ...string) func(map[string][]byte) {
		return func(files map[string][]byte) {
			maps.DeleteFunc(files, func(name string, _ []byte) bool {
				return slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(name, p) })
			})
		}
	}
	for _, c := range []struct {
		name   string
		do     func(map[string][]byte)
		events []replay.Event
		kind   audit.Kind
	}{
		{"no newest and no earlier checkpoints", remove("checkpoint"), forged, audit.Missing},
		{"no newest checkpoint", func(f map[string][]byte) { delete(f, "checkpoint") }, forged, audit.Missing},
		{"no earlier checkpoints", remove("checkpoints/"), all, audit.Missing},
		{"only earlier checkpoints", func(f map[string][]byte) { remove("tile")(f); delete(f, "checkpoint") }, forged, audit.Missing},
		{"an older checkpoint, without the newer ones", func(f map[string][]byte) {
			delete(f, "checkpoints/600")
			f["checkpoint"] = early
		}, append(slices.Clone(all[:100]), forged[100:]...), audit.Manipulated},
		{"an older checkpoint and a truncated store", func(f map[string][]byte) {
			delete(f, "checkpoints/600")
			f["checkpoint"] = early
		}, all[:150], audit.RolledBack},
		{"a missing tile of a higher level", remove("tile/8/1/"), all, audit.Missing},
		{"another file among the tiles", func(f map[string][]byte) { f["tile/8/0/x"] = nil }, all, audit.Manipulated},
		{"a checkpoint named by another size", func(f map[string][]byte) { f["checkpoints/7"] = early }, all, audit.Manipulated},
	} {
		files := clone(whole)
		c.do(files)
		got := sealed(t, k, c.events, place(t, files))
		if !slices.ContainsFunc(got.Findings, func(f audit.Finding) bool { return f.Kind == c.kind }) || got.Checkpoint != nil {
			t.Errorf("%s: %v", c.name, got.Findings)
		}
	}
}

// TestSealInterrupted checks that the next run completes an interrupted one.
func TestSealInterrupted(t *testing.T) {
	k, _ := newKey(t, 1, "shop")
	all := shop(600)
	log := filepath.Join(t.TempDir(), "seals")
	sealed(t, k, nil, log)
	none := contents(t, log)["checkpoint"]
	sealed(t, k, all, log)
	files := contents(t, log)
	delete(files, "checkpoints/600")
	files["checkpoint"] = none // as the interrupted run left it
	files["tile/8/0/.unfinished-1"], files[".unfinished-2"] = []byte("x"), nil
	if got := sealed(t, k, all, place(t, files)); len(got.Findings) > 0 || got.Size != 600 {
		t.Errorf("%+v", got)
	}
}

func TestWitness(t *testing.T) {
	k, v := newKey(t, 1, "shop")
	all := shop(300)
	dir := t.TempDir()
	log, witness := filepath.Join(dir, "seals"), filepath.Join(dir, "witness")
	seal := func(events []replay.Event, log string) (*audit.Sealed, error) {
		s := audit.Seal{Reader: storetest.Memory(events), Key: k, Witness: witness}
		return s.Run(context.Background(), log)
	}
	for _, n := range []int{100, 300} {
		got, err := seal(all[:n], log)
		text, rerr := os.ReadFile(witness)
		if err != nil || rerr != nil || len(got.Findings) > 0 || string(text) != string(got.Checkpoint) {
			t.Fatal(err, rerr, got)
		}
	}
	saw, err := os.ReadFile(witness)
	if err != nil {
		t.Fatal(err)
	}
	// The log is replaced by a new one.
	got, err := seal(all, filepath.Join(dir, "other"))
	if err != nil || len(got.Findings) != 1 || got.Findings[0].Kind != audit.RolledBack {
		t.Errorf("%v %v", err, got)
	}
	// A new log has the same number of leaves, but another history.
	forged := slices.Clone(all)
	forged[40].Data = []byte(`{}`)
	sealed(t, k, forged, filepath.Join(dir, "third"))
	got, err = seal(forged, filepath.Join(dir, "third"))
	if err != nil || len(got.Findings) != 1 || got.Findings[0].Kind != audit.Manipulated || got.Findings[0].Entry != "the witness" {
		t.Errorf("%v %v", err, got)
	}
	if now, _ := os.ReadFile(witness); string(now) != string(saw) {
		t.Error("the witness accepted a checkpoint that does not continue its own")
	}
	// The witness can be used for verify --since.
	mustBeSound(t, write(t, exportOf(k, all)), audit.VerifyOptions{Key: v, Since: saw})
	if err := os.WriteFile(witness, []byte("notes"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := seal(all, log); err == nil {
		t.Error("a file that is not a checkpoint is accepted as a witness")
	}
	witness = filepath.Join(log, "witness")
	if _, err := seal(all, log); err == nil {
		t.Error("a witness in the folder of the log is accepted")
	}
}
