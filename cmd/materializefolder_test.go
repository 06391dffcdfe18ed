package cmd

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"asof/inspect/parquetfile"
)

// folderRows are the rows of a table of all shards, as text, in order.
func folderRows(t *testing.T, root, name string) (rows []string) {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(root, "*-of-*", name+".parquet"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		info, err := f.Stat()
		if err != nil {
			t.Fatal(err)
		}
		in, err := parquetfile.Open(f, info.Size())
		if err != nil {
			t.Fatal(path, err)
		}
		for row, err := range in.Rows() {
			if err != nil {
				t.Fatal(path, err)
			}
			var cells []string
			for i, v := range row {
				if v != nil {
					cells = append(cells, fmt.Sprintf("%s=%v", in.Columns[i], v))
				}
			}
			slices.Sort(cells)
			rows = append(rows, strings.Join(cells, " "))
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
	slices.Sort(rows)
	return rows
}

func sameTables(t *testing.T, a, b string) {
	t.Helper()
	for _, name := range []string{"states", "history", "changes"} {
		whole, parts := folderRows(t, a, name), folderRows(t, b, name)
		if len(whole) == 0 || !slices.Equal(whole, parts) {
			t.Errorf("%s has %d rows in %s and %d in %s, or others", name, len(whole), a, len(parts), b)
		}
	}
}

// mustRun runs a command that has to print something.
func mustRun(t *testing.T, dir string, code int, want string, args ...string) string {
	t.Helper()
	out, got := runHere(dir, args)
	if got != code || !strings.Contains(out, want) {
		t.Fatalf("%q exits %d, want %d with %q:\n%s", args, got, code, want, out)
	}
	return out
}

// TestMaterializeShards: four shards have the rows of one run, also as the store grows.
func TestMaterializeShards(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	keep := func(want string, flags ...string) {
		t.Helper()
		mustRun(t, dir, exitOK, want, append([]string{"materialize", "shop.ndjson", "--fold", "merge"}, flags...)...)
	}
	for _, n := range []int{200, 205} {
		writeTestFile(t, filepath.Join(dir, "shop.ndjson"), cartEvents(n))
		want := "built"
		if n > 200 {
			want = "updated: 5 streams have new events"
		}
		keep(want, "--to", "whole/")
		for i := range 4 {
			if _, err := os.Stat(filepath.Join(dir, "parts", "manifest.json")); i > 0 && err == nil {
				t.Error("there is a manifest of all parts before the last")
			}
			keep("", "--to", "parts/", "--shard", fmt.Sprintf("%d/4", i+1))
		}
		sameTables(t, filepath.Join(dir, "whole"), filepath.Join(dir, "parts"))
		var of [2]map[string]any
		for i, root := range []string{"whole", "parts"} {
			text, err := os.ReadFile(filepath.Join(dir, root, "manifest.json"))
			if err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal(text, &of[i]); err != nil {
				t.Fatal(err)
			}
			delete(of[i], "shards")
		}
		if fmt.Sprint(of[0]) != fmt.Sprint(of[1]) {
			t.Errorf("the manifests are %v and %v", of[0], of[1])
		}
	}
	keep("current", "--to", "parts", "--shard", "2/4")
	for range 2 { // a part that is there is not written again
		keep("", "--to", "past/", "--at", "pos:100", "--shard", "1/2")
	}
	keep("current", "--to", "past/", "--at", "pos:100", "--shard", "1/2")
	keep("rebuilt: it was as of another moment", "--to", "past/", "--at", "pos:101", "--shard", "1/2")
}

// TestMaterializePostgresShards divides a store in PostgreSQL, whose server leaves out the
// streams of other shards.
func TestMaterializePostgresShards(t *testing.T) {
	dsn, dir := postgresShop(t, "marten", "text"), t.TempDir()
	for shard, to := range map[string]string{"": "whole/", "1/3": "parts/", "2/3": "parts/", "3/3": "parts/"} {
		args := []string{"materialize", dsn, "--fold", "merge", "--to", to}
		if shard != "" {
			args = append(args, "--shard", shard)
		}
		mustRun(t, dir, exitOK, "built", args...)
	}
	sameTables(t, filepath.Join(dir, "whole"), filepath.Join(dir, "parts"))
}

// leftovers are what unfinished runs left in a folder.
func leftovers(t *testing.T, dir string) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, ".unfinished-*"))
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// TestMaterializeLeftovers: the next run of a target removes what a killed one left, and
// nothing of another target or of a run that is not over.
func TestMaterializeLeftovers(t *testing.T) {
	t.Parallel()
	for _, to := range []string{"read.sqlite", "read/"} {
		dir := t.TempDir()
		writeTestFile(t, filepath.Join(dir, "shop.ndjson"), cartEvents(20))
		in := dir
		if strings.HasSuffix(to, "/") {
			in = filepath.Join(dir, "read")
		}
		run := func(target string) {
			t.Helper()
			mustRun(t, dir, exitOK, "", "materialize", "shop.ndjson", "--fold", "merge", "--to", target, "--rebuild")
		}
		run(to)
		// Killed while it writes: the folder exists and is no longer locked.
		c := &exec.Cmd{
			Path: selfPath(t), Dir: dir, Env: append(os.Environ(), "ASOF_CEILING="+dir),
			Args: []string{"asof", "materialize", "shop.ndjson", "--fold", "merge", "--to", to, "--rebuild"},
		}
		var found []string
		for try := 0; len(found) == 0 && try < 200; try++ {
			k := *c
			if err := k.Start(); err != nil {
				t.Fatal(err)
			}
			ended := make(chan struct{})
			go func() { _ = k.Wait(); close(ended) }()
			for waiting := true; waiting; {
				select {
				case <-ended:
					waiting = false
				default:
					if len(leftovers(t, in)) > 0 {
						_ = k.Process.Kill()
						<-ended
						waiting = false
					}
				}
			}
			found = leftovers(t, in)
		}
		if len(found) == 0 {
			t.Fatalf("%s: no run was caught while it wrote", to)
		}
		run("another.sqlite")
		if len(leftovers(t, in)) == 0 {
			t.Errorf("%s: a run of another target has removed %q", to, found)
		}
		run(to)
		if found := leftovers(t, in); len(found) > 0 {
			t.Errorf("%s: %q are left", to, found)
		}
	}
}

// TestMaterializeInterrupted: Ctrl-C ends a run with the exit code of signals, and leaves
// nothing.
func TestMaterializeInterrupted(t *testing.T) {
	t.Parallel()
	for _, to := range []string{"read.sqlite", "read/"} {
		dir := t.TempDir()
		writeTestFile(t, filepath.Join(dir, "shop.ndjson"), cartEvents(20))
		writeTestFile(t, filepath.Join(dir, "slow.sh"), "#!/bin/sh\n: > began\nexec sleep 600\n")
		if err := os.Chmod(filepath.Join(dir, "slow.sh"), 0o700); err != nil {
			t.Fatal(err)
		}
		c := &exec.Cmd{
			Path: selfPath(t), Dir: dir, Env: append(os.Environ(), "ASOF_CEILING="+dir),
			Args: []string{"asof", "materialize", "shop.ndjson", "--fold", "exec:./slow.sh", "--to", to},
		}
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		for began := time.Now(); time.Since(began) < time.Minute; time.Sleep(10 * time.Millisecond) {
			if _, err := os.Stat(filepath.Join(dir, "began")); err == nil {
				break
			}
		}
		_ = c.Process.Signal(os.Interrupt)
		_ = c.Wait()
		if code := c.ProcessState.ExitCode(); code != 130 {
			t.Errorf("%s: the exit code is %d", to, code)
		}
		if entries, err := os.ReadDir(dir); err != nil || len(entries) != 3 {
			t.Errorf("%s: %v, %v", to, entries, err)
		}
	}
}
