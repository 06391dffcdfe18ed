package audit_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"

	"asof/inspect/audit"
)

// A mutation is a change to a bundle, with the expected finding.
type mutation struct {
	name  string
	do    func(files map[string][]byte)
	kind  audit.Kind
	file  string
	entry string // a part of Finding.Entry
}

// edit returns a change to the lines of a file.
func edit(file string, f func([]string) []string) func(map[string][]byte) {
	return func(files map[string][]byte) { files[file] = joined(f(linesOf(files[file]))) }
}

func dropLine(i int) func([]string) []string {
	return func(l []string) []string { return slices.Delete(slices.Clone(l), i, i+1) }
}

const (
	events  = "events.ndjson"
	stored  = "stored.ndjson"
	leaves  = "leaves.ndjson"
	tree    = "tree.txt"
	changes = "states/changes.ndjson"
	ends    = "states/ends.ndjson"
)

func mutations(older, other map[string][]byte) []mutation {
	all := func(fs ...func(map[string][]byte)) func(map[string][]byte) {
		return func(files map[string][]byte) {
			for _, f := range fs {
				f(files)
			}
		}
	}
	everywhere := func(f func([]string) []string) func(map[string][]byte) {
		return all(edit(events, f), edit(stored, f), edit(leaves, f))
	}
	swap := func(l []string) []string { l[4], l[5] = l[5], l[4]; return l }
	twice := func(l []string) []string { return slices.Insert(l, 5, l[4]) }
	cut := func(l []string) []string { return l[:len(l)-3] }
	return []mutation{
		{"an event dropped", everywhere(dropLine(6)), audit.Gap, events, "line 29, leaf 29 (cart-1@8)"},
		{"an event dropped from one file", edit(events, dropLine(6)), audit.Missing, events, "leaf"},
		{"a stored payload dropped", edit(stored, dropLine(6)), audit.Missing, stored, "leaf"},
		{"a leaf dropped", edit(leaves, dropLine(6)), audit.Missing, leaves, "leaf"},
		{"events swapped", edit(events, swap), audit.Manipulated, events, "line 6"},
		{"events swapped everywhere", everywhere(swap), audit.Manipulated, leaves, "line 6"},
		{"an event twice", edit(events, twice), audit.Manipulated, events, "line 6"},
		{"an event renumbered", edit(events, func(l []string) []string {
			l[7] = strings.Replace(l[7], `"sequence":"`, `"sequence":"9`, 1)
			return l
		}), audit.Manipulated, events, "line 8"},
		{"the tail of the events cut", everywhere(cut), audit.Missing, events, "stream"},
		{"the tail of the tree cut", edit(tree, cut), audit.Missing, tree, "leaf 297"},
		{"the tail of everything cut", all(everywhere(cut), edit(tree, cut)), audit.Missing, tree, "leaf 297"},
		{"a file cut in the middle of a line", func(f map[string][]byte) { f[events] = f[events][:len(f[events])-40] }, audit.Unreadable, events, "line"},
		{"an older checkpoint", func(f map[string][]byte) { f["checkpoint"] = older["checkpoint"] }, audit.RolledBack, "checkpoint", ""},
		{"an older export's tree and checkpoint", func(f map[string][]byte) {
			f["checkpoint"], f[tree] = older["checkpoint"], older[tree]
		}, audit.RolledBack, "checkpoint", ""},
		{"a checkpoint of another store", func(f map[string][]byte) { f["checkpoint"] = other["checkpoint"] }, audit.Manipulated, tree, ""},
		{"a state edited", edit(ends, func(l []string) []string {
			l[2] = strings.Replace(l[2], `"state":{"`, `"state":{"x":1,"`, 1)
			return l
		}), audit.Manipulated, ends, "line 3"},
		{"a state and its hash edited", edit(ends, forgeEnd(2)), audit.Manipulated, ends, "line 3"},
		{"a change edited", edit(changes, func(l []string) []string {
			l[3] = strings.Replace(l[3], `"op":"add"`, `"op":"add" `, 1)
			l[4] = strings.Replace(l[4], `"path":"/`, `"path":"/x`, 1)
			return l
		}), audit.Manipulated, changes, "line 5"},
		{"a change dropped", edit(changes, dropLine(5)), audit.Missing, changes, "stream"},
		{"a payload edited", edit(stored, func(l []string) []string {
			l[3] = strings.Replace(l[3], `"payload":"{`, `"payload":"{ `, 1)
			return l
		}), audit.Manipulated, stored, "line 4"},
		{"a payload edited as an event", edit(events, func(l []string) []string {
			l[3] = strings.Replace(l[3], `"data":{`, `"data":{"x":1,`, 1)
			return l
		}), audit.Manipulated, events, "line 4"},
		{"a leaf and its payload edited", forgeLeaf(3, false), audit.Manipulated, leaves, "line 4"},
		{"a leaf, its payload and its hash edited", forgeLeaf(3, true), audit.Manipulated, tree, ""},
		{"an actor invented", edit(events, func(l []string) []string {
			l[8] = strings.Replace(l[8], `"authid":"`, `"authid":"the-`, 1)
			return l
		}), audit.Manipulated, events, "line 9"},
		{"a stream's length edited", func(f map[string][]byte) {
			f["streams.json"] = replaced(f["streams.json"], `"events":`, `"events":1`)
		}, audit.Manipulated, "streams.json", ""},
		{"a stream dropped", edit("streams.json", dropLine(4)), audit.Missing, "streams.json", "stream cart-12"},
		{"a control total edited", func(f map[string][]byte) {
			f["report.json"] = replaced(f["report.json"], `"payload_bytes": `, `"payload_bytes": 1`)
		}, audit.Manipulated, "report.json", "control total"},
		{"coverage edited", func(f map[string][]byte) {
			f["coverage.json"] = replaced(f["coverage.json"], `"who"`, `"Who"`)
		}, audit.Manipulated, "coverage.json", ""},
		{"an extra file", func(f map[string][]byte) { f["more.csv"] = []byte("x") }, audit.Manipulated, "more.csv", ""},
		{"a missing file", func(f map[string][]byte) { delete(f, "README.txt") }, audit.Missing, "README.txt", ""},
		{"no manifest", func(f map[string][]byte) { delete(f, "manifest.json") }, audit.Missing, "manifest.json", ""},
		{"the signature of another bundle", func(f map[string][]byte) { f["manifest.sig"] = other["manifest.sig"] }, audit.Manipulated, "manifest.json", ""},
		{"garbage instead of a checkpoint", func(f map[string][]byte) { f["checkpoint"] = []byte("garbage") }, audit.Manipulated, "checkpoint", ""},
		{"garbage instead of a report", func(f map[string][]byte) { f["report.json"] = []byte("garbage") }, audit.Unreadable, "report.json", ""},
		{"a line of garbage", edit(leaves, func(l []string) []string { l[2] = "garbage\n"; return l }), audit.Unreadable, leaves, "line 3"},
	}
}

// forgeEnd edits a state and updates its hash.
func forgeEnd(i int) func([]string) []string {
	return func(l []string) []string {
		var line map[string]any
		d := json.NewDecoder(strings.NewReader(l[i]))
		d.UseNumber()
		if err := d.Decode(&line); err != nil {
			panic(err)
		}
		to := line["to"].(map[string]any)
		state := to["state"].(map[string]any)
		state["forged"] = true
		text, _ := json.Marshal(state)
		sum := sha256.Sum256(text)
		to["sha256"] = hex.EncodeToString(sum[:])
		out, _ := json.Marshal(line)
		l[i] = string(out) + "\n"
		return l
	}
}

// forgeLeaf edits a payload and updates the commitment to it and, if hash is set, the
// hash of the leaf. The salts are in the bundle.
func forgeLeaf(i int, hash bool) func(map[string][]byte) {
	return func(f map[string][]byte) {
		var st, lf map[string]any
		sl, ll := linesOf(f[stored]), linesOf(f[leaves])
		if json.Unmarshal([]byte(sl[i]), &st) != nil || json.Unmarshal([]byte(ll[i]), &lf) != nil {
			panic("cannot parse a line of the bundle")
		}
		st["payload"] = st["payload"].(string) + " "
		record, err := audit.ParseRecord([]byte(lf["record"].(string)))
		if err != nil {
			panic(err)
		}
		record.Payload = audit.CommitPayload(lf["secret"].(string), st["payload"].(string))
		text := audit.RecordText(record)
		lf["record"] = text
		a, _ := json.Marshal(st)
		b, _ := json.Marshal(lf)
		sl[i], ll[i] = string(a)+"\n", string(b)+"\n"
		f[stored], f[leaves] = joined(sl), joined(ll)
		if hash {
			tl := linesOf(f[tree])
			h := tlog.RecordHash([]byte(text))
			tl[int(lf["leaf"].(float64))] = hex.EncodeToString(h[:]) + "\n"
			f[tree] = joined(tl)
		}
	}
}

func clone(files map[string][]byte) map[string][]byte {
	out := map[string][]byte{}
	for name, b := range files {
		out[name] = bytes.Clone(b)
	}
	return out
}

func TestMutations(t *testing.T) {
	t.Parallel()
	k, v := newKey(t, 1, "shop")
	whole := contents(t, write(t, exportOf(k, shop(300))))
	older := contents(t, write(t, exportOf(k, shop(200))))
	different := shop(300)
	different[0].Data = []byte(`{"other":true}`)
	other := contents(t, write(t, exportOf(k, different)))
	o := audit.VerifyOptions{Key: v}
	mustBeSound(t, place(t, whole), o)
	for _, m := range mutations(older, other) {
		t.Run(m.name, func(t *testing.T) {
			files := clone(whole)
			m.do(files)
			got := verify(t, place(t, files), o)
			if got.Clean() {
				t.Fatal("the bundle is reported as sound")
			}
			for _, f := range got.Findings {
				if f.Kind == m.kind && f.File == m.file && strings.Contains(f.Entry, m.entry) {
					return
				}
			}
			t.Errorf("no finding %s %s %q; the findings are", m.kind, m.file, m.entry)
			for _, f := range got.Findings {
				t.Errorf("%s %s %q: %s", f.Kind, f.File, f.Entry, f.What)
			}
		})
	}
}

// TestFlippedBit flips a bit in a file and checks that a finding names the file.
func TestFlippedBit(t *testing.T) {
	t.Parallel()
	k, v := newKey(t, 1, "shop")
	x := exportOf(k, shop(60))
	var err error
	if x.Redact, err = audit.NewRedaction([]string{"/data/customer"}, "gdpr17", "dpo"); err != nil {
		t.Fatal(err)
	}
	whole := contents(t, write(t, x))
	o := audit.VerifyOptions{Key: v}
	dir := place(t, whole)
	mustBeSound(t, dir, o)
	names := slices.Sorted(maps.Keys(whole))
	rapid.Check(t, func(rt *rapid.T) {
		name := rapid.SampledFrom(names).Draw(rt, "file")
		bit := rapid.IntRange(0, 8*len(whole[name])-1).Draw(rt, "bit")
		flipped := bytes.Clone(whole[name])
		flipped[bit/8] ^= 1 << (bit % 8)
		put(t, dir, name, flipped)
		got := verify(t, dir, o)
		put(t, dir, name, whole[name])
		if len(got.Findings) == 0 {
			rt.Fatalf("bit %d of %s was flipped, but nothing was found", bit, name)
		}
		if name == "manifest.sig" {
			name = "manifest.json" // verify cannot determine which of the two was changed
		}
		if !slices.ContainsFunc(got.Findings, func(f audit.Finding) bool { return f.File == name }) {
			rt.Fatalf("bit %d of %s was flipped, but the findings are about other files: %v", bit, name, got.Findings)
		}
	})
	mustBeSound(t, dir, o) // each bit was put back
}

func TestOtherKeys(t *testing.T) {
	k, v := newKey(t, 1, "shop")
	_, stranger := newKey(t, 9, "shop")
	dir := write(t, exportOf(k, shop(50)))
	got := verify(t, dir, audit.VerifyOptions{Key: stranger})
	for _, file := range []string{"checkpoint", "manifest.sig"} {
		if !slices.ContainsFunc(got.Findings, func(f audit.Finding) bool { return f.Kind == audit.WrongKey && f.File == file }) {
			t.Errorf("no wrong key for %s in %v", file, got.Findings)
		}
	}
	if got := verify(t, dir, audit.VerifyOptions{}); got.Clean() || len(got.Findings) > 0 || len(got.Skipped) == 0 {
		t.Errorf("without a key: %+v", got)
	}
	// A complete bundle that somebody else signed, with the same key name.
	forger, _ := newKey(t, 9, "shop")
	if got := verify(t, write(t, exportOf(forger, shop(50))), audit.VerifyOptions{Key: v}); got.Clean() {
		t.Error("a forged export is reported as sound")
	}
}

func TestSince(t *testing.T) {
	k, v := newKey(t, 1, "shop")
	all := shop(300)
	q1, q2 := write(t, exportOf(k, all[:200])), write(t, exportOf(k, all))
	since := func(dir string) []byte { return contents(t, dir)["checkpoint"] }
	got := mustBeSound(t, q2, audit.VerifyOptions{Key: v, Since: since(q1)})
	if got.SinceSize != 200 {
		t.Errorf("since %d", got.SinceSize)
	}
	rewritten := slices.Clone(all)
	rewritten[20].Data = []byte(`{"sku":"x"}`)
	for _, c := range []struct {
		name string
		dir  string
		opts audit.VerifyOptions
		kind audit.Kind
	}{
		{"rewritten", write(t, exportOf(k, rewritten)), audit.VerifyOptions{Key: v, Since: since(q1)}, audit.Manipulated},
		{"deleted", write(t, exportOf(k, slices.Delete(slices.Clone(all), 20, 21))), audit.VerifyOptions{Key: v, Since: since(q1)}, audit.Manipulated},
		{"rolled back", q1, audit.VerifyOptions{Key: v, Since: since(q2)}, audit.RolledBack},
		{"garbage", q2, audit.VerifyOptions{Key: v, Since: []byte("garbage")}, audit.Unreadable},
	} {
		got := verify(t, c.dir, c.opts)
		if !slices.ContainsFunc(got.Findings, func(f audit.Finding) bool { return f.Kind == c.kind }) {
			t.Errorf("%s: %v", c.name, got.Findings)
		}
	}
}

// FuzzVerify replaces a file by arbitrary bytes. Verify must return without a panic and
// must not report the bundle as sound.
func FuzzVerify(f *testing.F) {
	k, v := newKey(f, 1, "shop")
	x := exportOf(k, shop(20))
	var err error
	if x.Redact, err = audit.NewRedaction([]string{"/data/customer", "/metadata"}, "", ""); err != nil {
		f.Fatal(err)
	}
	whole := contents(f, write(f, x))
	names := slices.Sorted(func(yield func(string) bool) {
		for n := range whole {
			if !yield(n) {
				return
			}
		}
	})
	for i, n := range names {
		f.Add(uint8(i), whole[n])
		f.Add(uint8(i), []byte("{}\n"))
	}
	f.Fuzz(func(t *testing.T, i uint8, b []byte) {
		files := clone(whole)
		name := names[int(i)%len(names)]
		files[name] = b
		got := verify(t, place(t, files), audit.VerifyOptions{Key: v})
		if same := bytes.Equal(b, whole[name]); got.Clean() != same {
			t.Errorf("%s: sound is %v, unchanged is %v: %s", name, got.Clean(), same, fmt.Sprint(got.Findings))
		}
	})
}
