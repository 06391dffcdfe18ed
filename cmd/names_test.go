package cmd

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"asof/cmd/render"
)

// oddNames are names of streams that a shell, a flag parser or a terminal could take for
// something else.
var oddNames = []string{
	"a\nb", "-dash", "--flag", "--", "it's", `say "hi"`, "two words", "tab\there", "$(rm x)", "back`tick", "end ", " lead",
	"@at", "a@b", "a..b", "é", "na\u202eve", `new\nline`, "*star", `a'b"c`, "~home", "#hash", "!bang", "a;b|c&d", "\x01ctl",
	"\x1b[31mred", "zero\u200bwidth", "line\u2028sep", "cr\rhere", "ends\\", "'", "\\'\n'",
}

// TestQuote gives bash what is quoted for a shell: it reads the argument, byte by byte.
func TestQuote(t *testing.T) {
	t.Parallel()
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip(err)
	}
	for _, name := range append(oddNames, "", "\xff", "\xe9a", "a\u0301", "👩‍👩‍👧") {
		quoted := render.Quote(name)
		if render.Safe(quoted) != quoted {
			t.Errorf("%q is quoted as %q, which is not printed as it is", name, quoted)
		}
		if out, err := exec.Command(bash, "-c", "printf %s "+quoted).Output(); err != nil || string(out) != name {
			t.Errorf("%q is quoted as %s, which bash reads as %q, %v", name, quoted, out, err)
		}
	}
}

// TestOddNames asks about streams with odd names: those that are completed can be typed,
// and the hint of one that looks like a flag is answered.
func TestOddNames(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var rows []byte
	for _, name := range oddNames {
		row, err := json.Marshal(map[string]any{"stream": name, "version": 1, "type": "T", "data": map[string]int{"x": 1}})
		if err != nil {
			t.Fatal(err)
		}
		rows = append(append(rows, row...), '\n')
	}
	if err := os.WriteFile(filepath.Join(dir, "odd.ndjson"), rows, 0o600); err != nil {
		t.Fatal(err)
	}
	offered := func(args ...string) (all []string) {
		out, _ := runHere(dir, append([]string{"__complete", "log", "odd.ndjson"}, args...))
		out, _, _ = strings.Cut(out, "\n:")
		for line := range strings.SplitSeq(out, "\n") {
			word, _, _ := strings.Cut(line, "\t")
			all = append(all, word)
		}
		return all
	}
	few := 0
	for _, name := range offered("") {
		if out, code := runHere(dir, []string{"log", "odd.ndjson", name}); code != 0 {
			t.Errorf("%q is offered, and exits %d:\n%s", name, code, out)
		}
		few++
	}
	for _, name := range offered("--", "") {
		if out, code := runHere(dir, []string{"log", "--", "odd.ndjson", name}); code != 0 {
			t.Errorf("%q is offered after --, and exits %d:\n%s", name, code, out)
		}
		few--
	}
	if few >= 0 {
		t.Error("after --, no more is offered")
	}
	for _, name := range oddNames {
		out, code := runHere(dir, []string{"log", "odd.ndjson", name})
		if name == "--" {
			continue // which ends the flags
		}
		if !strings.HasPrefix(name, "-") {
			if code != 0 {
				t.Errorf("%q exits %d:\n%s", name, code, out)
			}
			continue
		}
		lines := shown(out)
		if len(lines) != 1 {
			t.Errorf("%q is answered with %q:\n%s", name, lines, out)
		} else if out, code := runHere(dir, words(strings.TrimPrefix(lines[0], "asof "))); code != 0 {
			t.Errorf("%q is answered with %s, which exits %d:\n%s", name, lines[0], code, out)
		}
	}
}
