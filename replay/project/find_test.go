package project

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestFindProjectCeiling(t *testing.T) {
	top := t.TempDir()
	deep := filepath.Join(top, "a", "b")
	if err := os.MkdirAll(deep, 0o755); err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(top, FileName), "")
	for ceiling, want := range map[string]bool{
		"": true, filepath.Dir(top): true, top: false, filepath.Join(top, "a"): false, deep: true, filepath.Join(top, "gone"): true,
	} {
		if path, ok := Find(deep, ceiling); ok && strings.HasPrefix(path, top) != want || !ok && want {
			t.Errorf("below %s is found %q", ceiling, path)
		}
	}
}

// TestDistrust: only who owns the folder and the file alone decides what they say.
func TestDistrust(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no owners")
	}
	for _, c := range []struct {
		folder, file os.FileMode
		want         string
	}{
		{0o755, 0o644, ""},
		{0o700, 0o600, ""},
		{0o775, 0o664, ""}, // the group is one's own
		{0o777, 0o644, "its folder is writable by everyone"},
		{0o777 | os.ModeSticky, 0o644, "its folder is writable by everyone"},
		{0o755, 0o666, "it is writable by everyone"},
	} {
		dir := t.TempDir()
		path := filepath.Join(dir, FileName)
		writeFile(t, path, "")
		if err := errors.Join(os.Chown(dir, -1, os.Getegid()), os.Chmod(path, c.file), os.Chmod(dir, c.folder)); err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(Distrust(path)); got != c.want && (c.want != "" || got != "<nil>") {
			t.Errorf("%v %v: %s", c.folder, c.file, got)
		}
		link := filepath.Join(t.TempDir(), FileName)
		if err := os.Symlink(path, link); err != nil {
			t.Fatal(err)
		}
		if got := Distrust(link); (got == nil) != (c.file&0o002 == 0) { // the folder of the target is the link's owner's choice
			t.Errorf("a link to %v %v: %v", c.folder, c.file, got)
		}
	}
	if os.Geteuid() != 0 {
		return
	}
	dir := t.TempDir()
	path := filepath.Join(dir, FileName)
	writeFile(t, path, "")
	for _, name := range []string{path, dir} {
		if err := os.Chown(name, 12345, -1); err != nil {
			t.Fatal(err)
		}
		if err := Distrust(path); err == nil || !strings.Contains(err.Error(), "is owned by someone else") {
			t.Errorf("%s of another owner: %v", name, err)
		}
	}
}

// TestLinkIsNotQuoted: an error says nothing of what a link leads to.
func TestLinkIsNotQuoted(t *testing.T) {
	dir := t.TempDir()
	other := filepath.Join(dir, "other")
	link := filepath.Join(dir, FileName)
	if err := os.Symlink(other, link); err != nil {
		t.Skip(err)
	}
	for _, text := range []string{
		"token: s3cr3t-line", "s3cr3t = 1", "[s3cr3t]\n", "a = 1\na = s3cr3t", `projection = "s3cr3t"`,
		"[[projection]]\nname = \"s3cr3t/\"\nfold = \"s3cr3t\"", "[stores]\ns3cr3t = 5", "\"s3cr3t",
	} {
		writeFile(t, other, text)
		_, err := Load(link)
		var e *Error
		if !errors.As(err, &e) {
			t.Fatalf("%q: %v", text, err)
		}
		if strings.Contains(e.Error()+e.Source+e.Next, "s3cr3t") {
			t.Errorf("%q: %v\n%s\n%s", text, e, e.Source, e.Next)
		}
	}
}

// TestProjectErrorHoldsNoSecret breaks a file with a connection string anywhere.
func TestProjectErrorHoldsNoSecret(t *testing.T) {
	const dsn = "postgres://u:s3cr3t@127.0.0.1:1/db"
	texts := []string{
		"[stores]\nshop = \"postgres://u:a@s3cr3t@127.0.0.1:1/db\"\n",
		"[stores]\nshop = \"host=h password=s3cr3t dbname=d\"\nlive = {path=\"keepalives=1 password='s3cr3t x'\", clock=5}\n",
		"[stores]\nshop = \"\"\"postgres://u:\\\n  s3cr3t@127.0.0.1:1/db\"\"\"\nlive = '''" + dsn + "'''\n",
		"[[projection]]\nname = \"" + dsn + "\"\nfold = \"" + dsn + "\"\nstreams = [\"" + dsn + "[\"]\n[metadata]\nactor = \"" + dsn + "\"\n",
		"[[invariant]]\nname = \"i\"\nprojection = \"" + dsn + "\"\n\"" + dsn + "\" = 1\n",
		"[stores.shop]\npath = \"" + dsn + "\"\ndialect = 5\n\"" + dsn + "\" = 2\n[stores.shop.map]\n\"" + dsn + "\" = 7\n",
	}
	check := func(t rapid.TB, text string) {
		_, err := parseProject("asof.toml", []byte(text))
		var e *Error
		if errors.As(err, &e) && strings.Contains(e.Error()+e.Source+e.Next, "s3cr3t") {
			t.Fatalf("%s\n%v\n%s\n%s", text, e, e.Source, e.Next)
		}
	}
	for _, text := range texts {
		check(t, text)
	}
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.SampledFrom(texts).Draw(t, "file")
		at := rapid.IntRange(0, len(text)).Draw(t, "at")
		with := rapid.SampledFrom([]string{"", " x", "\n", "\"", "]", "=", "\x00", "[[", "'''", "\"\"\"", "#", "\xff"}).Draw(t, "with")
		broken := text[:at] + with + text[at:]
		for _, mark := range []string{"password", "://"} {
			if strings.Count(broken, mark) < strings.Count(text, mark) {
				t.Skip("nothing marks a following secret any more")
			}
		}
		check(t, broken)
	})
}
