package cmd

import (
	"bytes"
	"encoding/base64"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestAuditKey: only its owner reads the private key, and no output and no file
// of an export holds it.
func TestAuditKey(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	out := runLine(dir, []string{"demo"})
	out += runLine(dir, []string{"audit", "keygen", "--name", "shop", "--out", "audit.key"})
	key, err := os.ReadFile(filepath.Join(dir, "audit.key"))
	if err != nil {
		t.Fatal(out, err)
	}
	info, err := os.Stat(filepath.Join(dir, "audit.key"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info.Mode(), err)
	}
	out += runLine(dir, []string{"audit", "export", "asof-demo.db", "--key", "audit.key", "--out", "q1", "--states", "each"})
	out += runLine(dir, []string{"audit", "seal", "asof-demo.db", "--key", "audit.key", "--log", "seals"})
	out += runLine(dir, []string{"audit", "export", "asof-demo.db", "--key", "audit.key", "--out", "t.html", "-o", "html"})
	out += runLine(dir, []string{"audit", "verify", "q1", "--vkey", "audit.key"}) // the wrong file
	secret := strings.SplitN(strings.TrimSpace(string(key)), "+", 5)[4]
	raw, err := base64.StdEncoding.DecodeString(secret)
	if err != nil {
		t.Fatal(err)
	}
	looked := 0
	look := func(name string, b []byte) {
		looked++
		if bytes.Contains(b, []byte(secret)) || bytes.Contains(b, raw[1:]) || bytes.Contains(b, []byte("PRIVATE+KEY")) {
			t.Errorf("%s holds the private key", name)
		}
	}
	look("the output", []byte(out))
	for _, part := range []string{"q1", "seals", "t.html", "audit.key.pub"} {
		err := filepath.WalkDir(filepath.Join(dir, part), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			b, err := os.ReadFile(path)
			look(path, b)
			return err
		})
		if err != nil {
			t.Error(err)
		}
	}
	if looked < 40 {
		t.Errorf("only %d files were looked at: %s", looked, out)
	}
}
