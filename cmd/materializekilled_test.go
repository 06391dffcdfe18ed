package cmd

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"math/rand"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/jackc/pgx/v5/pgconn"

	"asof/inspect/parquetfile"
)

// kills is how many runs a test ends.
const kills = 40

// begin starts a run and returns when the program has begun. The start of a process takes
// two thirds of the time of a run, and ends of that time show nothing.
func begin(t *testing.T, c *exec.Cmd) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close() //nolint:errcheck // only read
	c.Env, c.ExtraFiles = append(c.Env, begunEnv+"=3"), []*os.File{w}
	err = c.Start()
	w.Close() //nolint:errcheck // the run has it
	if err == nil {
		_, err = io.ReadAll(r)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// duration lets a run end by itself and returns how long it took from its beginning.
func duration(t *testing.T, c *exec.Cmd) time.Duration {
	t.Helper()
	var out bytes.Buffer
	c.Stdout, c.Stderr = &out, &out
	begin(t, c)
	began := time.Now()
	if err := c.Wait(); err != nil {
		t.Fatal(err, out.String())
	}
	return time.Since(began)
}

// endAtRandom ends a run at a moment of the time that runs take, as far as is known. It
// reports whether the run was ended.
func endAtRandom(c *exec.Cmd, sig os.Signal, took *time.Duration) bool {
	time.Sleep(time.Duration(rand.Int63n(int64(*took) * 11 / 10)))
	_ = c.Process.Signal(sig)
	ended := c.Wait() != nil
	if ended {
		*took += *took / 20
	} else {
		*took -= *took / 5 // the machine was busier before
	}
	return ended
}

// materializes is a run of asof that keeps the states of shop.ndjson, as of one of two
// moments.
func materializes(t *testing.T, dir string, i int, flags ...string) *exec.Cmd {
	t.Helper()
	return &exec.Cmd{
		Path: selfPath(t), Dir: dir, Env: append(os.Environ(), "ASOF_CEILING="+dir),
		Args: append([]string{"asof", "materialize", "shop.ndjson", "--fold", "merge", "--at", []string{"pos:300", "pos:600"}[i%2]}, flags...),
	}
}

// endsWhole ends runs at any moment, many times. The target has then the rows of one
// moment: those from before the run, or those it was to write.
func endsWhole(t *testing.T, start func(i int) *exec.Cmd, rows func() string) {
	t.Helper()
	var whole []string
	var took time.Duration
	for i := range 2 {
		took = max(took, duration(t, start(i)))
		whole = append(whole, rows())
	}
	if whole[0] == whole[1] {
		t.Fatal("both moments have the same rows")
	}
	killed := 0
	for i := range kills {
		c, sig := start(i), []os.Signal{syscall.SIGKILL, syscall.SIGINT}[i/2%2]
		begin(t, c)
		if endAtRandom(c, sig, &took) {
			killed++
		}
		if got := rows(); !slices.Contains(whole, got) {
			t.Fatalf("run %d, ended by %v: the target is of neither moment: %.1000s", i, sig, got)
		}
	}
	if t.Logf("%d of %d runs were killed", killed, kills); killed < kills/10 {
		t.Errorf("only %d runs were killed", killed)
	}
	if out, err := start(0).CombinedOutput(); err != nil {
		t.Fatal(string(out))
	}
	if got := rows(); got != whole[0] {
		t.Errorf("after the last run the target is %.1000s", got)
	}
}

func TestMaterializeKilled(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	writeTestFile(t, filepath.Join(dir, "shop.ndjson"), cartEvents(600))
	endsWhole(t, func(i int) *exec.Cmd { return materializes(t, dir, i, "--to", "read.sqlite") }, func() string { return keptRows(t, dir, "read.sqlite") })
	for _, at := range []string{"pos:300", "pos:600"} {
		mustRun(t, dir, exitOK, "", "materialize", "shop.ndjson", "--fold", "merge", "--to", "read.sqlite", "--at", at)
		mustRun(t, dir, exitOK, "identical", "drift", "shop.ndjson", "--fold", "merge", "--against", "read.sqlite", "--table", "state", "--key", "stream",
			"--map", "total=/total,n=/n", "--at", at)
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 2 {
		t.Errorf("beside the store and the read model is more: %v, %v", left, err)
	}
}

func TestMaterializePostgresKilled(t *testing.T) {
	dsn, dir := postgresShop(t, "marten", "text"), t.TempDir()
	writeTestFile(t, filepath.Join(dir, "shop.ndjson"), cartEvents(600))
	db, err := pgconn.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close(t.Context()) })
	endsWhole(t, func(i int) *exec.Cmd { return materializes(t, dir, i, "--to", dsn) }, func() string {
		r, err := db.Exec(t.Context(), `SELECT md5(string_agg(s::text, '' ORDER BY stream)) || (SELECT position FROM asof_checkpoint) ||
			(SELECT md5(string_agg(s::text, '' ORDER BY stream)) FROM asof_streams s) FROM state s`).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		return string(r[0].Rows[0][0])
	})
}

func TestMaterializeRedisKilled(t *testing.T) {
	t.Parallel()
	m, dir := miniredis.RunT(t), t.TempDir()
	writeTestFile(t, filepath.Join(dir, "shop.ndjson"), cartEvents(600))
	endsWhole(t, func(i int) *exec.Cmd {
		return materializes(t, dir, i, "--to", "redis://"+m.Addr()+"/0?prefix=cart:")
	}, func() string {
		all := ""
		for _, key := range []string{"cart:states", "cart:streams"} {
			if m.TTL(key) != 0 {
				t.Errorf("%s expires", key)
			}
			fields, err := m.HKeys(key)
			if err != nil {
				t.Fatal(err)
			}
			slices.Sort(fields)
			for _, f := range fields {
				all += f + m.HGet(key, f) + "\n"
			}
		}
		checkpoint, err := m.Get("cart:checkpoint")
		if err != nil {
			t.Fatal(err)
		}
		return checkpoint + all
	})
	for _, key := range m.Keys() {
		if strings.Contains(key, "unfinished") && m.TTL(key) == 0 {
			t.Errorf("%s is left for good", key)
		}
	}
}

func TestMaterializeFolderKilled(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	writeTestFile(t, filepath.Join(dir, "shop.ndjson"), cartEvents(600))
	root := filepath.Join(dir, "read")
	endsWhole(t, func(i int) *exec.Cmd { return materializes(t, dir, i, "--to", "read/") }, func() string {
		m, err := os.ReadFile(filepath.Join(root, "1-of-1", "manifest.json"))
		if err != nil {
			t.Fatal(err)
		}
		all := sha256.New()
		for _, name := range []string{"states", "history", "changes"} {
			fmt.Fprintln(all, folderRows(t, root, name))
		}
		return fmt.Sprintf("%s%x", m, all.Sum(nil))
	})
	if found := leftovers(t, root); len(found) > 0 {
		t.Errorf("%q are left", found)
	}
}

// TestMaterializeUniteKilled ends the run of the last shard at any moment, also while it
// writes the other shards again. Each of these has its rows then, and the next run of the
// last shard ends with what one run over all streams writes, and nothing else.
func TestMaterializeUniteKilled(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var b strings.Builder
	for i := range 600 { // the shards differ in the members of their states
		fmt.Fprintf(&b, `{"position":%d,"stream":"s-%d","version":%d,"type":"Set","data":{"m%d":%d}}`+"\n", i+1, i%40, i/40+1, i%40, i)
	}
	writeTestFile(t, filepath.Join(dir, "shop.ndjson"), b.String())
	last := func() *exec.Cmd { return materializes(t, dir, 1, "--to", "parts/", "--shard", "3/3") }
	for _, flags := range [][]string{{"--to", "whole/"}, {"--to", "parts/", "--shard", "1/3"}, {"--to", "parts/", "--shard", "2/3"}} {
		if out, err := materializes(t, dir, 1, flags...).CombinedOutput(); err != nil {
			t.Fatal(string(out))
		}
	}
	whole, parts, before := filepath.Join(dir, "whole"), filepath.Join(dir, "parts"), filepath.Join(dir, "before")
	if err := os.CopyFS(before, os.DirFS(parts)); err != nil {
		t.Fatal(err)
	}
	two := folderRows(t, parts, "history")
	took := duration(t, last())
	all := folderRows(t, whole, "history")
	killed, united := 0, 0
	for i := range kills / 2 {
		if err := os.RemoveAll(parts); err != nil {
			t.Fatal(err)
		}
		if err := os.CopyFS(parts, os.DirFS(before)); err != nil {
			t.Fatal(err)
		}
		c := last()
		begin(t, c)
		if endAtRandom(c, []os.Signal{syscall.SIGKILL, syscall.SIGINT}[i%2], &took) {
			killed++
		}
		want := two
		if _, err := os.Stat(filepath.Join(parts, "3-of-3")); err == nil {
			want = all
			united++
		}
		if got := folderRows(t, parts, "history"); !slices.Equal(got, want) {
			t.Fatalf("run %d: the shards have %d rows, want %d", i, len(got), len(want))
		}
		if out, err := last().CombinedOutput(); err != nil {
			t.Fatal(string(out))
		}
		sameTables(t, whole, parts)
		sameColumns(t, parts)
		if _, err := os.Stat(filepath.Join(parts, "manifest.json")); err != nil || len(leftovers(t, parts)) > 0 {
			t.Fatalf("run %d: %v, and %q are left", i, err, leftovers(t, parts))
		}
	}
	if t.Logf("%d of %d runs were killed, %d runs had put the last shard in", killed, kills/2, united); killed < kills/20 {
		t.Errorf("only %d runs were killed", killed)
	}
}

// sameColumns holds the columns of each table of a folder to be those of all shards.
func sameColumns(t *testing.T, root string) {
	t.Helper()
	columns := map[string][]string{}
	err := fs.WalkDir(os.DirFS(root), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".parquet" {
			return err
		}
		f, err := os.Open(filepath.Join(root, path))
		if err != nil {
			return err
		}
		defer f.Close() //nolint:errcheck // only read
		info, err := f.Stat()
		if err != nil {
			return err
		}
		in, err := parquetfile.Open(f, info.Size())
		if err != nil {
			return err
		}
		if have, ok := columns[d.Name()]; ok && !slices.Equal(have, in.Columns) {
			t.Errorf("%s has the columns %q, another shard %q", path, in.Columns, have)
		}
		columns[d.Name()] = in.Columns
		return nil
	})
	if err != nil || len(columns) != 3 {
		t.Error(err, slices.Sorted(maps.Keys(columns)))
	}
}
