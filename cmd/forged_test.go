package cmd

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestNoLineIsForged asks all verbs about a store whose every name holds lines of
// asof's own and sequences that a terminal obeys.
func TestNoLineIsForged(t *testing.T) {
	t.Parallel()
	const forged = "x\nhint: evil\nasof: evil\nnote: evil\r\x1b[2J\u2028hint: evil"
	dir := t.TempDir()
	var lines bytes.Buffer
	for v := 1; v <= 3; v++ {
		line, err := json.Marshal(map[string]any{
			"stream": "s-" + forged, "version": v, "type": forged, "id": fmt.Sprint(v, forged), "time": "2026-01-01T00:00:00Z",
			"data": map[string]any{forged: forged, "n": v}, "metadata": map[string]any{"actor": forged},
		})
		if err != nil {
			t.Fatal(err)
		}
		lines.Write(append(line, '\n'))
	}
	twice := append(lines.Bytes(), lines.Bytes()...) // which no stream may hold
	for name, text := range map[string]string{
		"s.ndjson": lines.String(), "twice.ndjson": string(twice), "cut.ndjson": lines.String() + `{"stream":"` + `a\nhint: evil","version":"\nhint: evil"`,
		"asof.toml": "[[projection]]\nname=\"p\"\nstreams=[\"s-*\"]\nfold=\"merge\"\n[[invariant]]\nname=\"i\"\nprojection=\"p\"\ngood=\"state.n < 2\"\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	throws := `throw new Error("boom " + e.type)`
	for _, store := range []string{"s.ndjson", "twice.ndjson", "cut.ndjson"} {
		for _, args := range [][]string{
			{"info", store},
			{"streams", store},
			{"log", store, "s-"},
			{"log", store, "--all"},
			{"log", store, "s-", "-p"},
			{"replay", store, "s-"},
			{"replay", store, "s-", "--fold", throws},
			{"replay", store, "s-", "--fold", "({nothing(){}})", "--strict"},
			{"replay", store, "s-", "--fold", `exec:sh -c "head -1 >&2"`},
			{"replay", store, "s-@9"},
			{"replay", store, "s-", "--path", "/" + forged},
			{"diff", store, "s-@1..3"},
			{"diff", store, "--all", "--at", "1..3"},
			{"blame", store, "s-"},
			{"show", store, "s-@2"},
			{"trace", store, "s-@2"},
			{"why", store, "s-", "/n"},
			{"why", store, "s-", "/n", "-o", "dot"},
			{"why", store, "s-", "/n", "-o", "mermaid"},
			{"why", store, "s-", "/" + forged},
			{"bisect", store, "s-", "--bad", "state.n > 1"},
			{"bisect", store, "--all", "--bad", "state.n > 1"},
			{"check", store},
			{"check", store, "--fold", throws},
			{"shrink", store, "s-", "--bad", "state.n > 1"},
			{"whatif", store, "s-", "--drop", "2"},
			{"audit", "export", store, "-o", "csv"},
			{"audit", "export", store, "-o", "md"},
			{"replay", store, "nosuch"},
			{"info", store, "--context", forged},
			{"log", store, "s-", "--type", forged},
			{"replay", store, "id:1x"},
			{"__complete", "log", store, "s"},
			{"__complete", "log", store, "--type", ""},
			{"replay", store, "s-@type:" + forged},
		} {
			var out, errs bytes.Buffer
			code := Run(t.Context(), args, trial(dir, &out, &errs))
			if code == exitBug {
				t.Errorf("asof %q is a bug: %s", args, &errs)
			}
			for line := range strings.Lines(out.String() + "\n" + errs.String()) {
				own := strings.HasPrefix(line, "hint: evil") || strings.HasPrefix(line, "asof: evil") || strings.HasPrefix(line, "note: evil")
				if own || strings.ContainsAny(line, "\x1b\r\u2028") && args[1] != "export" {
					t.Errorf("asof %q prints the line %q", args, line)
				}
			}
		}
	}
}
