package cmd

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/alicebob/miniredis/v2"
)

// TestMaterializeRedis keeps a read model in Redis, whose password nothing prints.
func TestMaterializeRedis(t *testing.T) {
	t.Parallel()
	m, dir := miniredis.RunT(t), t.TempDir()
	m.RequireAuth("hunter22")
	to := "redis://default:hunter22@" + m.Addr() + "/0?prefix=carts:"
	for _, step := range []struct {
		events int
		want   string
	}{{30, "built"}, {31, "updated: 1 stream has new events"}, {31, "current"}} {
		writeTestFile(t, filepath.Join(dir, "shop.ndjson"), cartEvents(step.events))
		out := mustRun(t, dir, exitOK, step.want, "materialize", "shop.ndjson", "--fold", "merge", "--to", to)
		if strings.Contains(out, "hunter22") || !strings.Contains(out, "?prefix=carts:: ") {
			t.Error(out)
		}
	}
	if row := m.HGet("carts:states", "cart-7"); !strings.Contains(row, `"total":1.50`) {
		t.Errorf("the row is %s", row)
	}
	for want, args := range map[string][]string{
		"asof cannot write to mysql://": {"--to", "mysql://root:hunter22@127.0.0.1:1/x"},
		"a folder":                      {"--to", to, "--shard", "1/2"},
		"WRONGPASS":                     {"--to", strings.Replace(to, "hunter22", "hunter23", 1)},
		"other than prefix":             {"--to", to + "&db=hunter22"},
	} {
		out, code := runHere(dir, append([]string{"materialize", "shop.ndjson", "--fold", "merge"}, args...))
		if code == exitOK || !strings.Contains(out, want) || strings.Contains(out, "hunter2") {
			t.Errorf("%q exits %d without %q: %s", args, code, want, out)
		}
	}
	if out := mustRun(t, dir, exitStore, "URLs of this kind", "info", to); strings.Contains(out, "hunter22") {
		t.Error(out)
	}
}
