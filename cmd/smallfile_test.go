package cmd

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestBadFilesAreNotBugs names things that are no small file wherever a verb reads
// one: each is an error of usage or of the store that says what is wrong.
func TestBadFilesAreNotBugs(t *testing.T) {
	t.Parallel()
	dir := outputFolder(t)
	if err := os.WriteFile(filepath.Join(dir, "huge"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(filepath.Join(dir, "huge"), 5<<30); err != nil { // sparse
		t.Fatal(err)
	}
	for _, line := range [][]string{
		{"info", "BAD"},
		{"info", "shop.db", "--key-file", "BAD"},
		{"info", "shop.db", "--config", "BAD"},
		{"replay", "shop.db", "cart-1", "--fold", "BAD.js"},
		{"whatif", "shop.db", "cart-1", "--insert", "after:1:BAD"},
		{"bisect", "replay", "BAD"},
		{"merge-reports", "BAD"},
		{"audit", "export", "shop.db", "--out", "new", "--key", "BAD"},
		{"audit", "seal", "shop.db", "--log", "new", "--key", "BAD"},
		{"audit", "verify", "BAD"},
		{"audit", "verify", "bundle", "--vkey", "BAD"},
		{"audit", "verify", "bundle", "--since", "BAD"},
		{"audit", "sample", "BAD", "--seed", "x"},
		{"audit", "prove", "BAD", "cart-1@1"},
		{"demo", "BAD"},
	} {
		for _, bad := range []string{"folder", "dangling", "loop", "theirs.txt/x", strings.Repeat("x", 300), "/dev/zero", "huge", "nul\x00"} {
			if line[0] == "demo" && bad == "folder" || line[0] == "audit" && line[2] == "BAD" && bad == "dangling" {
				continue // is fine, or is a bundle that is not there
			}
			args := slices.Clone(line)
			for i := range args {
				args[i] = strings.ReplaceAll(args[i], "BAD", bad)
				if strings.HasSuffix(args[i], ".js") { // what is asked for is a file of that name
					_ = os.Symlink(bad, filepath.Join(dir, "bad.js"))
					args[i] = "bad.js"
				}
			}
			var errs bytes.Buffer
			code := Run(t.Context(), args, trial(dir, io.Discard, &errs))
			_ = os.Remove(filepath.Join(dir, "bad.js"))
			if code != exitUsage && code != exitStore {
				t.Errorf("asof %.80q exits %d: %s", args, code, &errs)
			}
		}
	}
}
