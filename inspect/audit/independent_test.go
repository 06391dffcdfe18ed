package audit_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/transparency-dev/formats/log"
	"github.com/transparency-dev/formats/proof"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"asof/inspect/audit"
	"asof/replay/state"
)

// These tests verify bundles without the code of this package: with the libraries of
// the authors of the formats, and with openssl and sha256sum.

func TestCheckpointWithOtherLibraries(t *testing.T) {
	k, _ := newKey(t, 1, "example.com/shop")
	files := contents(t, write(t, exportOf(k, shop(100))))
	vkey, _, _ := strings.Cut(string(files["key.pub"]), "\n")
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		t.Fatal(err)
	}
	n, err := note.Open(files["checkpoint"], note.VerifierList(verifier))
	if err != nil || len(n.Sigs) != 1 {
		t.Fatalf("%v %v", n, err)
	}
	c, rest, _, err := log.ParseCheckpoint(files["checkpoint"], "example.com/shop", verifier)
	if err != nil || c.Size != 100 || len(rest) != 0 {
		t.Fatalf("%+v %v", c, err)
	}
	// tlog computes the same root from the leaf hashes.
	var hashes []tlog.Hash
	read := tlog.HashReaderFunc(func(is []int64) ([]tlog.Hash, error) {
		var out []tlog.Hash
		for _, i := range is {
			out = append(out, hashes[i])
		}
		return out, nil
	})
	for i, line := range strings.Fields(string(files["tree.txt"])) {
		raw, _ := hex.DecodeString(line)
		hs, err := tlog.StoredHashesForRecordHash(int64(i), tlog.Hash(raw), read)
		if err != nil {
			t.Fatal(err)
		}
		hashes = append(hashes, hs...)
	}
	root, err := tlog.TreeHash(100, read)
	if err != nil || !bytes.Equal(root[:], c.Hash) {
		t.Errorf("root %v, want %x", root, c.Hash)
	}
}

func TestProofWithOtherLibraries(t *testing.T) {
	k, v := newKey(t, 1, "shop")
	dir := write(t, exportOf(k, shop(100)))
	p, err := audit.Prove(t.Context(), dir, "cart-1", 3)
	if err != nil {
		t.Fatal(err)
	}
	text := state.AppendJSON(nil, p.JSON())
	var doc struct {
		TLogProof string `json:"tlog_proof"`
		Stored    struct{ Payload string }
		Opening   struct{ Record, Secret string }
	}
	if err := json.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	var tp proof.TLogProof
	if err := tp.Unmarshal([]byte(doc.TLogProof)); err != nil {
		t.Fatal(err)
	}
	c, _, _, err := log.ParseCheckpoint(tp.Checkpoint, "shop", v)
	if err != nil {
		t.Fatal(err)
	}
	var path tlog.RecordProof
	for _, h := range tp.Hashes {
		path = append(path, h)
	}
	if err := tlog.CheckRecord(path, int64(c.Size), tlog.Hash(c.Hash), int64(tp.Index), tlog.RecordHash(tp.ExtraData)); err != nil {
		t.Error(err)
	}
	if doc.Opening.Record != string(tp.ExtraData) || !strings.Contains(doc.Opening.Record, "stream \"cart-1\"\nversion 3\n") {
		t.Errorf("record %q", doc.Opening.Record)
	}

	path2 := filepath.Join(t.TempDir(), "proof")
	for _, c := range []struct {
		name     string
		old, new string
		clean    bool
	}{
		{"whole", "", "", true},
		{"payload", `"payload":"{`, `"payload":"{ `, false},
		{"event", `"type":"`, `"type":"X`, false},
		{"index", `index `, `index 1`, false},
		{"version", `"version":3,"event"`, `"version":4,"event"`, false},
		{"stored", `"stored":`, `"unstored":`, false},
	} {
		if err := os.WriteFile(path2, []byte(strings.Replace(string(text), c.old, c.new, 1)), 0o644); err != nil {
			t.Fatal(err)
		}
		got, err := audit.VerifyProof(t.Context(), path2, audit.VerifyOptions{Key: v})
		if err != nil {
			t.Fatal(err)
		}
		if got.Clean() != c.clean {
			t.Errorf("%s: clean is %v: %v", c.name, got.Clean(), got.Findings)
		}
	}
}

// TestReadmeSteps runs the commands of README.txt with sha256sum and openssl.
func TestReadmeSteps(t *testing.T) {
	for _, tool := range []string{"sha256sum", "openssl", "bash"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skip(err)
		}
	}
	k, _ := newKey(t, 1, "shop")
	dir := write(t, exportOf(k, shop(100)))
	run := func(line string) (string, error) {
		c := exec.Command("bash", "-c", line)
		c.Dir = dir
		out, err := c.CombinedOutput()
		return string(out), err
	}
	if out, err := run("openssl version"); err != nil || strings.Contains(out, "OpenSSL 1.") || strings.Contains(out, "LibreSSL") {
		t.Skip("needs OpenSSL 3")
	}
	readme := string(contents(t, dir)["README.txt"])
	steps := 0
	for line := range strings.Lines(readme) {
		line = strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(line, "openssl "), strings.HasPrefix(line, "sha256sum "), strings.HasPrefix(line, "grep "):
			steps++
			out, err := run(line)
			if err != nil {
				t.Errorf("%s: %v\n%s", line, err, out)
			}
			if strings.HasPrefix(line, "grep ") && out != "1\n" {
				t.Errorf("%s prints %q", line, out)
			}
		}
	}
	if steps != 3 {
		t.Errorf("%d steps of README.txt were run, want 3", steps)
	}
	files := contents(t, dir)
	script := ""
	for line := range strings.Lines(readme) {
		if line = strings.TrimSpace(line); strings.HasPrefix(line, "record=") || strings.HasPrefix(line, "printf ") {
			script += line + "\n"
		}
	}
	out, err := run(script)
	if err != nil || len(out) < 64 || out[:64] != strings.TrimSpace(linesOf(files["tree.txt"])[0]) {
		t.Errorf("the first leaf is %s %v, computed by\n%s", out, err, script)
	}
	// Changed files are refused.
	if err := os.WriteFile(filepath.Join(dir, "events.ndjson"), append(files["events.ndjson"], ' '), 0o644); err != nil {
		t.Fatal(err)
	}
	if out, err := run("sha256sum --check --strict SHA256SUMS"); err == nil {
		t.Errorf("a changed file passes: %s", out)
	}
	if err := os.WriteFile(filepath.Join(dir, "manifest.json"), append(files["manifest.json"], ' '), 0o644); err != nil {
		t.Fatal(err)
	}
	if out, err := run("openssl pkeyutl -verify -pubin -inkey key.pub -rawin -in manifest.json -sigfile manifest.sig"); err == nil {
		t.Errorf("a changed manifest passes: %s", out)
	}
}

// TestRFC6962 runs the test vectors of Certificate Transparency, if available.
func TestRFC6962(t *testing.T) {
	data, err := os.ReadFile("../../../shared/suites/rfc6962/vectors.json")
	if err != nil {
		t.Skip(err)
	}
	var v struct {
		Leaves []string `json:"leaves_hex"`
		Hashes []string `json:"leaf_hashes"`
		Roots  []string `json:"roots_by_size"`
		Proofs []struct {
			Index, Size int64
			Path        []string
		} `json:"inclusion"`
	}
	if err := json.Unmarshal(data, &v); err != nil {
		t.Fatal(err)
	}
	var leaves [][]byte
	for i, l := range v.Leaves {
		raw, _ := hex.DecodeString(l)
		leaves = append(leaves, raw)
		if got := audit.LeafHash(raw); got != v.Hashes[i] {
			t.Errorf("leaf %d: %s, want %s", i, got, v.Hashes[i])
		}
	}
	for size, want := range v.Roots {
		if got := audit.RootOf(leaves[:size]); got != want {
			t.Errorf("root of %d: %s, want %s", size, got, want)
		}
	}
	if len(v.Proofs) == 0 {
		t.Error("no proofs")
	}
	for _, p := range v.Proofs {
		if got := audit.PathOf(leaves[:p.Size], p.Index); !slices.Equal(got, p.Path) {
			t.Errorf("path of %d in %d: %v, want %v", p.Index, p.Size, got, p.Path)
		}
	}
}

// TestKeyIsANoteKey checks that sumdb/note reads the private key, and that the PEM
// block of the public text is the same key.
func TestKeyIsANoteKey(t *testing.T) {
	private, vkey, err := audit.GenerateKey(seedReader(3), "shop")
	if err != nil {
		t.Fatal(err)
	}
	s, err := note.NewSigner(private)
	if err != nil {
		t.Fatal(err)
	}
	text, err := audit.PublicText(vkey)
	if err != nil || !strings.HasPrefix(string(text), vkey+"\n-----BEGIN PUBLIC KEY-----\n") {
		t.Fatalf("%s %v", text, err)
	}
	der, _ := base64.StdEncoding.DecodeString(strings.Join(strings.Split(string(text), "\n")[2:3], ""))
	raw, _ := base64.StdEncoding.DecodeString(strings.SplitN(vkey, "+", 3)[2])
	if !bytes.Equal(der[len(der)-32:], raw[1:]) {
		t.Error("the PEM block has another key")
	}
	for _, bad := range []string{"", "PRIVATE+KEY+shop", vkey, private + "x", "PRIVATE+KEY+a+00000000+AAAA"} {
		if _, err := audit.ParseKey([]byte(bad)); err == nil || strings.Contains(err.Error(), "AAA") || bad != "" && strings.Contains(err.Error(), bad) {
			t.Errorf("%q: %v", bad, err)
		}
	}
	if s.Name() != "shop" {
		t.Error(s.Name())
	}
}
