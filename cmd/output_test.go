package cmd

import (
	"bytes"
	"context"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"asof/fixtures/demo"
	"asof/fixtures/sqlitefile"
)

// trial is an environment for one run in a folder.
func trial(dir string, out, errs io.Writer) IO {
	return IO{
		In: strings.NewReader(""), Out: out, Err: errs, Dir: dir, Now: time.Now,
		Env: func(name string) string {
			switch name {
			case "XDG_CACHE_HOME", "XDG_STATE_HOME":
				return filepath.Join(dir, "cache")
			case "ASOF_CEILING": // whatever lies above the folders of tests
				return filepath.Dir(dir)
			}
			return ""
		},
		Terminal: func(io.Writer) (int, bool) { return 0, false },
	}
}

// The flags that name a file or a folder: those that are written, with a command
// line, and those that are only read.
var (
	writingFlags = map[string][]string{
		"audit export --out":   {"audit", "export", "shop.db", "-o", "csv", "--out", "TARGET"},
		"audit keygen --out":   {"audit", "keygen", "--out", "TARGET"},
		"audit prove --out":    {"audit", "prove", "bundle", "cart-1@1", "--out", "TARGET"},
		"audit seal --log":     {"audit", "seal", "shop.db", "--key", "audit.key", "--log", "TARGET"},
		"audit seal --witness": {"audit", "seal", "shop.db", "--key", "audit.key", "--log", "seals", "--witness", "TARGET"},
		"drift --junit":        {"drift", "shop.db", "--fold", "merge", "--against", "shop.db", "--table", "asof_events", "--key", "stream", "--map", "category=/qty", "--junit", "TARGET"},
		"materialize --to":     {"materialize", "shop.db", "--fold", "merge", "--to", "TARGET"},
		"check --junit":        {"check", "shop.db", "--bad", "n=state.qty >= 3", "--junit", "TARGET"},
		"report --out":         {"report", "shop.db", "cart-42", "--out", "TARGET"},
		"shrink --out":         {"shrink", "shop.db", "cart-42", "--bad", "state.qty >= 3", "--format", "ndjson", "--out", "TARGET"},
	}
	readingFlags = []string{"--insert", "--key", "--key-file", "--vkey", "--since", "--config", "--fold", "--table", "--file", "--releases", "--note"}
	ownFolders   = []string{"--cache-dir", "--dir"} // in which no file is replaced: of hashed names, and TestInitNeverOverwrites
	madeFlags    = []string{"--token-file"}         // created, and only where there is no file: TestTokenIsNoFileOfTheStore
)

// TestEveryFileFlagIsKnown makes the author of a flag say whether its file is written.
func TestEveryFileFlagIsKnown(t *testing.T) {
	a := &app{IO: trial(t.TempDir(), io.Discard, io.Discard), ctx: context.Background()}
	var walk func(c *cobra.Command)
	walk = func(c *cobra.Command) {
		look := func(f *pflag.Flag) {
			words := strings.Fields(strings.ToLower(strings.NewReplacer(",", " ", ";", " ", ":", " ", ".", " ").Replace(f.Usage)))
			names := slices.Contains(words, "file") || slices.Contains(words, "folder") || f.Name == "out"
			verb := strings.TrimPrefix(c.CommandPath(), "asof ") + " --" + f.Name
			if names && f.Value.Type() != "bool" && writingFlags[verb] == nil && !slices.Contains(readingFlags, "--"+f.Name) && !slices.Contains(ownFolders, "--"+f.Name) && !slices.Contains(madeFlags, "--"+f.Name) {
				t.Errorf("%s: %q names a file: say in this test whether it is written", verb, f.Usage)
			}
		}
		c.LocalFlags().VisitAll(look)
		for _, sub := range c.Commands() {
			walk(sub)
		}
	}
	walk(a.command(nil))
}

// outputFolder is a folder with a store, a key, an asof.toml and ways to them.
func outputFolder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	if err := sqlitefile.WriteNative(context.Background(), in("shop.db"), demo.Shop(300)); err != nil {
		t.Fatal(err)
	}
	run := func(args ...string) {
		var errs bytes.Buffer
		if code := Run(t.Context(), args, trial(dir, io.Discard, &errs)); code != exitOK {
			t.Fatalf("asof %q exits %d: %s", args, code, &errs)
		}
	}
	run("audit", "keygen", "--out", "audit.key")
	run("audit", "export", "shop.db", "--stream", "cart-1", "--key", "audit.key", "--out", "bundle")
	for name, text := range map[string]string{
		"asof.toml":  "[stores]\nother = { path = \"other.db\", key_file = \"aes.key\" }\n",
		"other.db":   "another store",
		"aes.key":    "0123456789abcdef",
		"theirs.txt": "somebody's",
	} {
		if err := os.WriteFile(in(name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(in("folder"), 0o700); err != nil {
		t.Fatal(err)
	}
	for from, to := range map[string]string{"link.db": "shop.db", "link.toml": "asof.toml", "dangling": "gone", "loop": "loop"} {
		if err := os.Symlink(to, in(from)); err != nil {
			t.Skip(err)
		}
	}
	if err := os.Link(in("shop.db"), in("hard.db")); err != nil {
		t.Skip(err)
	}
	return dir
}

// contents is what all files of a folder hold, but not its cache.
func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			if d != nil && d.Name() == "cache" {
				return fs.SkipDir
			}
			return err
		}
		text, _ := os.ReadFile(path)
		all[path] = string(text)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestOutputsReplaceNothing aims every output at what must not be written.
func TestOutputsReplaceNothing(t *testing.T) {
	t.Parallel()
	dir := outputFolder(t)
	before := contents(t, dir)
	targets := []string{
		"shop.db", "./folder/../shop.db", "link.db", "hard.db", "shop.db-wal", "shop.db-shm", "shop.db-journal", "SHOP.DB-wal",
		"asof.toml", "link.toml", "other.db", "aes.key", "audit.key", "theirs.txt", "dangling", "loop", "no/such/folder/x", "theirs.txt/x",
		strings.Repeat("x", 300),
	}
	if runtime.GOOS == "linux" {
		targets = append(targets, "/dev/full")
	}
	for flag, line := range writingFlags {
		for _, target := range append(targets, "folder") {
			makesFolder := strings.HasSuffix(flag, "--log") || flag == "materialize --to" && target == "folder"
			readsStore := slices.Contains(line, "shop.db")
			switch {
			case makesFolder && (target == "folder" || target == "no/such/folder/x" || target == "dangling"),
				!readsStore && strings.HasPrefix(strings.ToLower(target), "shop.db-"):
				continue // that may be written
			}
			args := slices.Clone(line)
			args[slices.Index(args, "TARGET")] = target
			var errs bytes.Buffer
			code := Run(t.Context(), args, trial(dir, io.Discard, &errs))
			if code != exitUsage && code != exitStore {
				t.Errorf("%s %s exits %d: %s", flag, target, code, &errs)
			}
			after := contents(t, dir)
			for path, text := range after {
				if was, ok := before[path]; !ok || was != text {
					t.Errorf("%s %s changes or creates %s", flag, target, path)
				}
			}
			if len(after) != len(before) {
				t.Fatalf("%s %s removes a file", flag, target)
			}
		}
	}
}

// TestTokenIsNoFileOfTheStore: a new token is not written where the store's own files are.
func TestTokenIsNoFileOfTheStore(t *testing.T) {
	t.Parallel()
	dir := outputFolder(t)
	before := contents(t, dir)
	for _, target := range []string{"shop.db", "shop.db-wal", "shop.db-journal", "dangling", "no/such/folder/x", "folder"} {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		var errs bytes.Buffer
		code := Run(ctx, []string{"mcp", "shop.db", "--http", "127.0.0.1:0", "--token-file", target}, trial(dir, io.Discard, &errs))
		cancel()
		if code != exitUsage && code != exitStore {
			t.Errorf("%s exits %d: %s", target, code, &errs)
		}
	}
	if after := contents(t, dir); !maps.Equal(before, after) {
		t.Error("a file was changed or created")
	}
}

// TestSealReplacesNothing: a store that lies where a seal would write stays.
func TestSealReplacesNothing(t *testing.T) {
	t.Parallel()
	dir := outputFolder(t)
	if err := os.MkdirAll(filepath.Join(dir, "seals", "tile"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(filepath.Join(dir, "shop.db"), filepath.Join(dir, "seals", "tile", "x")); err != nil {
		t.Fatal(err)
	}
	var errs bytes.Buffer
	code := Run(t.Context(), []string{"audit", "seal", "seals/tile/x", "--log", "seals", "--key", "audit.key"}, trial(dir, io.Discard, &errs))
	if code != exitUsage || !strings.Contains(errs.String(), "the store, which asof only reads") {
		t.Errorf("exits %d: %s", code, &errs)
	}
}

// TestOutputs writes new files, a report over an older one, with --force over any
// file, and to standard output.
func TestOutputs(t *testing.T) {
	t.Parallel()
	dir := outputFolder(t)
	run := func(want int, args ...string) string {
		t.Helper()
		var out, errs bytes.Buffer
		if code := Run(t.Context(), args, trial(dir, &out, &errs)); code != want {
			t.Fatalf("asof %q exits %d: %s", args, code, &errs)
		}
		return out.String()
	}
	check := []string{"check", "shop.db", "--bad", "n=state.qty >= 3", "--junit"}
	shrink := []string{"shrink", "shop.db", "cart-42", "--bad", "state.qty >= 3", "--format", "ndjson", "--out"}
	report := func(name string) { run(exitFindings, append(check, name)...) }
	report("report.xml")
	report("report.xml")
	run(exitFindings, append(check, "theirs.txt", "--force")...)
	run(exitUsage, append(check, "audit.key", "--force")...)
	run(exitOK, append(shrink, "small.ndjson")...)
	run(exitOK, append(shrink, "small.ndjson", "--force")...)
	if err := os.Symlink("report.xml", filepath.Join(dir, "latest.xml")); err != nil {
		t.Fatal(err)
	}
	report("latest.xml")
	if info, err := os.Lstat(filepath.Join(dir, "latest.xml")); err != nil || info.Mode()&fs.ModeSymlink == 0 {
		t.Errorf("the link to a report is gone: %v", err)
	}
	stdout := run(exitFindings, append(check, "-")...)
	written, err := os.ReadFile(filepath.Join(dir, "report.xml"))
	if err != nil || string(written) != stdout {
		t.Errorf("--junit - prints\n%s", stdout)
	}
	if !strings.HasPrefix(run(exitOK, append(shrink, "-")...), "{") {
		t.Error("--out - prints no events")
	}
	if info, err := os.Stat(filepath.Join(dir, "theirs.txt")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("a file that is replaced keeps who may read it: %v", info.Mode())
	}
}

func writeTestFile(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func removeAll(path string) error { return os.RemoveAll(path) }

// selfPath is the test's own program, which is asof where it is called so: see
// TestMain.
func selfPath(t *testing.T) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return self
}
