package cmd

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// TestProjectAbove looks at a store from folders whose asof.toml, or that above
// them, is good, broken or not to be trusted.
func TestProjectAbove(t *testing.T) {
	const good, broken = "[stores]\nshop = \"../s.ndjson\"\n", "[stores\n"
	for _, c := range []struct {
		name, text string
		here       bool        // asof.toml is in the folder itself
		mode       os.FileMode // of its folder
		args       []string
		code       int
		says       string // ABOVE is the path of the asof.toml; empty: nothing
	}{
		{"good above", good, false, 0o755, []string{"check", "s.ndjson", "--bad", "x=false"}, exitOK, ""},
		{"info says which", good, false, 0o755, []string{"info", "s.ndjson"}, exitOK, "note: the project file is ABOVE\n"},
		{"an error says which", good, false, 0o755, []string{"replay", "s.ndjson", "nosuch"}, exitNotFound, "note: the project file is ABOVE\nasof:"},
		{"good here", good, true, 0o755, []string{"info", "s.ndjson"}, exitOK, ""},
		{"broken above", broken, false, 0o755, []string{"check", "s.ndjson", "--bad", "x=false"}, exitOK, "note: the project file in a parent folder is not used: ABOVE:1:"},
		{"broken above, and named", broken, false, 0o755, []string{"check", "s.ndjson", "--bad", "x=false", "--config", "../asof.toml"}, exitUsage, "asof.toml:1:"},
		{"broken here", broken, true, 0o755, []string{"check", "s.ndjson", "--bad", "x=false"}, exitUsage, "asof.toml:1:"},
		{"of a folder for all", good, false, 0o777, []string{"info", "s.ndjson"}, exitOK, "note: ABOVE is not used: its folder is writable by everyone; --config names it"},
		{"the same, and named", good, false, 0o777, []string{"info", "s.ndjson", "--config", "../asof.toml"}, exitOK, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if runtime.GOOS == "windows" && c.mode == 0o777 {
				t.Skip("no owners")
			}
			top := t.TempDir()
			dir := filepath.Join(top, "here")
			above := filepath.Join(top, "asof.toml")
			if c.here {
				above = filepath.Join(dir, "asof.toml")
			}
			if err := os.Mkdir(dir, 0o755); err != nil {
				t.Fatal(err)
			}
			for path, text := range map[string]string{
				above: c.text, filepath.Join(dir, "s.ndjson"): `{"stream":"s-1","version":1,"type":"A","data":{"n":1}}` + "\n",
			} {
				if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if err := os.Chmod(filepath.Dir(above), c.mode); err != nil {
				t.Fatal(err)
			}
			var out, errs bytes.Buffer
			in := trial(dir, &out, &errs)
			in.Env = func(string) string { return "" }
			code := Run(t.Context(), append(c.args, "--no-cache"), in)
			says := strings.ReplaceAll(c.says, "ABOVE", above)
			if code != c.code || !strings.Contains(errs.String(), says) || says == "" && strings.Contains(errs.String(), "project file") {
				t.Errorf("exits %d, want %d, and says\n%s\nwant %s", code, c.code, &errs, says)
			}
		})
	}
}
