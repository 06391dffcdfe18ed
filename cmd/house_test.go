package cmd

import (
	"encoding/json"
	"errors"
	"io"
	"iter"
	"os"
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"
)

// house is who may import what, of this module and from outside. Packages of
// the standard library are not listed, nor are test files held to it.
var house = map[string]struct{ own, outside []string }{
	"asof":                                {own: []string{"asof/cmd"}},
	"asof/replay/fault":                   {},
	"asof/replay/state":                   {own: []string{"asof/replay/fault"}},
	"asof/replay/when":                    {own: []string{"asof/replay/fault"}},
	"asof/replay/bounds":                  {own: []string{"asof/replay/state"}},
	"asof/replay":                         {own: []string{"asof/replay/spawn", "asof/replay/fault", "asof/replay/state", "asof/replay/bounds", "asof/replay/when"}},
	"asof/replay/place":                   {},
	"asof/replay/spawn":                   {},
	"asof/replay/files":                   {own: []string{"asof/replay/fault"}},
	"asof/replay/decimal":                 {},
	"asof/replay/fold/js/quick":           {own: []string{"asof/replay", "asof/replay/state", "asof/replay/decimal"}, outside: []string{"github.com/dop251/goja"}},
	"asof/replay/fold":                    {own: []string{"asof/replay", "asof/replay/state", "asof/replay/fold/exec"}},
	"asof/replay/fold/exec":               {own: []string{"asof/replay/fault", "asof/replay", "asof/replay/state"}},
	"asof/replay/fold/js":                 {own: []string{"asof/replay/spawn", "asof/replay/fault", "asof/replay", "asof/replay/bounds", "asof/replay/state", "asof/replay/fold/js/quick", "asof/replay/decimal"}, outside: []string{"github.com/dop251/goja", "github.com/dlclark/regexp2/v2"}},
	"asof/replay/project":                 {own: []string{"asof/replay/fault", "asof/replay", "asof/replay/place", "asof/replay/files", "asof/replay/state", "asof/replay/fold", "asof/replay/fold/exec", "asof/replay/fold/js"}, outside: []string{"github.com/pelletier/go-toml/v2"}},
	"asof/replay/store":                   {own: []string{"asof/replay/fault", "asof/replay", "asof/replay/place", "asof/replay/store/source", "asof/replay/store/sqlite", "asof/replay/store/postgres", "asof/replay/store/mysql", "asof/replay/store/jsonfile", "asof/replay/store/dialect"}},
	"asof/replay/store/cell":              {own: []string{"asof/replay/fault", "asof/replay", "asof/replay/state"}},
	"asof/replay/store/rowdoc":            {own: []string{"asof/replay/state", "asof/replay/store/cell"}},
	"asof/replay/store/source":            {own: []string{"asof/replay/fault", "asof/replay", "asof/replay/place", "asof/replay/store/cell"}},
	"asof/replay/store/table":             {own: []string{"asof/replay/fault", "asof/replay", "asof/replay/store/cell", "asof/replay/store/source"}},
	"asof/replay/store/propose":           {own: []string{"asof/replay", "asof/replay/store/cell", "asof/replay/store/source", "asof/replay/store/table"}},
	"asof/replay/store/sqlite":            {own: []string{"asof/replay/fault", "asof/replay", "asof/replay/place", "asof/replay/store/propose", "asof/replay/store/cell", "asof/replay/store/source", "asof/replay/store/table"}, outside: []string{"zombiezen.com/go/sqlite"}},
	"asof/replay/store/postgres":          {own: []string{"asof/replay/fault", "asof/replay", "asof/replay/place", "asof/replay/store/propose", "asof/replay/store/remote", "asof/replay/store/cell", "asof/replay/store/source", "asof/replay/store/table"}, outside: []string{"github.com/jackc/pgx/v5"}},
	"asof/replay/store/mysql":             {own: []string{"asof/replay/fault", "asof/replay", "asof/replay/place", "asof/replay/store/propose", "asof/replay/store/remote", "asof/replay/store/cell", "asof/replay/store/source", "asof/replay/store/table"}, outside: []string{"github.com/go-sql-driver/mysql"}},
	"asof/replay/store/remote":            {own: []string{"asof/replay/fault", "asof/replay/store/source", "asof/replay/store/table"}},
	"asof/replay/store/jsonfile":          {own: []string{"asof/replay/fault", "asof/replay", "asof/replay/place", "asof/replay/state", "asof/replay/store/propose", "asof/replay/store/cell", "asof/replay/store/source", "asof/replay/store/table"}},
	"asof/replay/store/dialect":           {own: []string{"asof/replay", "asof/replay/store/cell", "asof/replay/store/rowdoc", "asof/replay/store/source", "asof/replay/store/table", "asof/replay/store/sqlite", "asof/replay/store/postgres", "asof/replay/store/mysql", "asof/replay/store/jsonfile"}, outside: []string{"go.yaml.in/yaml/v3"}},
	"asof/replay/store/testdb":            {own: []string{"asof/fixtures/testmain"}, outside: []string{"modernc.org/sqlite", "github.com/jackc/pgx/v5", "github.com/go-sql-driver/mysql"}},
	"asof/replay/store/storetest":         {own: []string{"asof/replay"}},
	"asof/replay/snapshot":                {own: []string{"asof/replay", "asof/replay/bounds", "asof/replay/state"}, outside: []string{"modernc.org/sqlite", "github.com/klauspost/compress"}},
	"asof/replay/workspace":               {own: []string{"asof/replay/spawn", "asof/replay/fault", "asof/replay", "asof/replay/place", "asof/replay/files", "asof/replay/fold", "asof/replay/fold/exec", "asof/replay/fold/js", "asof/replay/project", "asof/replay/state", "asof/replay/store", "asof/replay/snapshot"}},
	"asof/inspect/past":                   {own: []string{"asof/replay", "asof/replay/state"}},
	"asof/inspect":                        {own: []string{"asof/replay/fault", "asof/replay", "asof/replay/bounds", "asof/replay/state", "asof/inspect/past"}},
	"asof/inspect/check":                  {own: []string{"asof/replay/spawn", "asof/replay/fault", "asof/replay", "asof/replay/state", "asof/inspect", "asof/inspect/past", "asof/inspect/why"}},
	"asof/inspect/contrast":               {own: []string{"asof/replay", "asof/replay/state", "asof/inspect/check"}},
	"asof/inspect/drift":                  {own: []string{"asof/inspect/scratch", "asof/replay/fault", "asof/replay", "asof/replay/state", "asof/replay/decimal"}},
	"asof/inspect/materialize":            {own: []string{"asof/inspect/scratch", "asof/replay/fault", "asof/replay", "asof/replay/state", "asof/inspect/query"}},
	"asof/inspect/materialize/postgres":   {own: []string{"asof/inspect/scratch", "asof/replay/fault", "asof/replay", "asof/replay/place", "asof/replay/state", "asof/inspect/materialize"}, outside: []string{"github.com/jackc/pgx/v5"}},
	"asof/inspect/materialize/aside":      {outside: []string{"golang.org/x/sys"}},
	"asof/inspect/materialize/folder":     {own: []string{"asof/inspect/materialize/aside", "asof/inspect/parquetfile", "asof/replay/fault", "asof/replay", "asof/replay/state", "asof/inspect/query", "asof/inspect/materialize"}},
	"asof/inspect/materialize/redis":      {own: []string{"asof/replay/fault", "asof/replay", "asof/replay/place", "asof/replay/state", "asof/inspect/materialize"}, outside: []string{"github.com/gomodule/redigo"}},
	"asof/inspect/materialize/sqlitefile": {own: []string{"asof/inspect/materialize/aside", "asof/replay/fault", "asof/replay", "asof/replay/state", "asof/inspect/query", "asof/inspect/materialize"}, outside: []string{"zombiezen.com/go/sqlite"}},
	"asof/inspect/parquetfile":            {own: []string{"asof/replay/state", "asof/inspect/scratch"}, outside: []string{"github.com/parquet-go/parquet-go"}},
	"asof/inspect/scratch":                {own: []string{"asof/replay/fault"}},
	"asof/inspect/mine":                   {own: []string{"asof/replay", "asof/replay/state", "asof/inspect/check"}},
	"asof/inspect/live":                   {own: []string{"asof/replay/fault", "asof/replay", "asof/replay/state"}},
	"asof/inspect/whatif":                 {own: []string{"asof/replay/fault", "asof/replay", "asof/replay/state", "asof/inspect"}},
	"asof/inspect/why":                    {own: []string{"asof/replay", "asof/replay/state", "asof/inspect", "asof/inspect/past"}},
	"asof/inspect/bisect":                 {own: []string{"asof/replay/fault", "asof/replay", "asof/replay/bounds", "asof/replay/state", "asof/inspect", "asof/inspect/past", "asof/inspect/whatif", "asof/inspect/why"}},
	"asof/inspect/query":                  {own: []string{"asof/inspect/scratch", "asof/replay/fault", "asof/replay", "asof/replay/state", "asof/replay/decimal", "asof/inspect"}, outside: []string{"zombiezen.com/go/sqlite"}},
	"asof/inspect/inspecttest":            {own: []string{"asof/replay", "asof/replay/state", "asof/replay/fold", "asof/replay/fold/js", "asof/replay/store/storetest", "asof/inspect", "asof/inspect/check"}, outside: []string{"pgregory.net/rapid"}},
	"asof/inspect/ask":                    {own: []string{"asof/replay", "asof/replay/state", "asof/replay/fault", "asof/replay/place", "asof/replay/project", "asof/replay/snapshot", "asof/replay/fold", "asof/replay/fold/exec", "asof/replay/fold/js", "asof/replay/workspace", "asof/inspect", "asof/inspect/query", "asof/inspect/check", "asof/inspect/contrast", "asof/inspect/materialize", "asof/inspect/materialize/folder", "asof/inspect/materialize/postgres", "asof/inspect/materialize/redis", "asof/inspect/materialize/sqlitefile", "asof/inspect/drift", "asof/inspect/mine", "asof/inspect/live", "asof/inspect/bisect", "asof/inspect/audit", "asof/inspect/report", "asof/inspect/report/page", "asof/inspect/whatif", "asof/inspect/why", "asof/inspect/wire", "asof/inspect/scaffold"}},
	"asof/inspect/markup":                 {own: []string{"asof/replay/state"}},
	"asof/inspect/report":                 {own: []string{"asof/replay/fault", "asof/replay", "asof/replay/state", "asof/inspect/bisect", "asof/inspect/whatif", "asof/inspect/why"}},
	"asof/inspect/report/page":            {own: []string{"asof/replay", "asof/replay/state", "asof/inspect/bisect", "asof/inspect/markup", "asof/inspect/report", "asof/inspect/why", "asof/inspect/wire"}},
	"asof/inspect/audit":                  {own: []string{"asof/inspect/markup", "asof/replay/fault", "asof/replay", "asof/replay/state"}, outside: []string{"golang.org/x/mod/sumdb", "github.com/transparency-dev/formats"}},
	"asof/inspect/scaffold":               {own: []string{"asof/replay", "asof/replay/state"}},
	"asof/inspect/sample":                 {own: []string{"asof/replay", "asof/replay/state", "asof/inspect"}},
	"asof/inspect/wire":                   {own: []string{"asof/replay", "asof/replay/state", "asof/inspect", "asof/inspect/query", "asof/inspect/check", "asof/inspect/contrast", "asof/inspect/materialize", "asof/inspect/drift", "asof/inspect/mine", "asof/inspect/live", "asof/inspect/bisect", "asof/inspect/whatif", "asof/inspect/why", "asof/inspect/audit", "asof/inspect/report", "asof/inspect/scaffold"}},
	"asof/fixtures/testmain":              {},
	"asof/fixtures":                       {own: []string{"asof/replay", "asof/fixtures/kit", "asof/fixtures/sqlitefile"}},
	"asof/fixtures/kit":                   {},
	"asof/fixtures/demo":                  {own: []string{"asof/replay", "asof/fixtures/kit"}},
	"asof/fixtures/sqlitefile":            {own: []string{"asof/replay", "asof/replay/place", "asof/fixtures/kit"}, outside: []string{"modernc.org/sqlite"}},
	"asof/fixtures/write":                 {own: []string{"asof/replay", "asof/fixtures/kit", "asof/fixtures/sqlitefile"}},
	"asof/cmd/render":                     {own: []string{"asof/replay", "asof/replay/state", "asof/inspect", "asof/inspect/ask", "asof/inspect/query", "asof/inspect/parquetfile", "asof/inspect/check", "asof/inspect/contrast", "asof/inspect/materialize", "asof/inspect/drift", "asof/inspect/mine", "asof/inspect/live", "asof/inspect/bisect", "asof/inspect/whatif", "asof/inspect/why", "asof/inspect/audit", "asof/inspect/wire", "asof/inspect/scaffold"}, outside: []string{"github.com/charmbracelet/lipgloss", "github.com/charmbracelet/x/ansi", "github.com/muesli/termenv", "github.com/olekukonko/tablewriter", "github.com/mattn/go-runewidth"}},
	"asof/cmd/pager":                      {outside: []string{"github.com/charmbracelet/x/ansi"}},
	"asof/cmd/browse":                     {own: []string{"asof/replay/fault", "asof/replay", "asof/replay/state", "asof/replay/workspace", "asof/inspect", "asof/inspect/ask", "asof/inspect/check", "asof/inspect/whatif", "asof/cmd/render"}, outside: []string{"charm.land/bubbletea/v2", "github.com/charmbracelet/x/ansi"}},
	"asof/cmd/mcp":                        {own: []string{"asof/replay/spawn", "asof/replay/fault", "asof/replay", "asof/replay/state", "asof/replay/fold", "asof/replay/fold/js", "asof/replay/project", "asof/replay/workspace", "asof/inspect", "asof/inspect/ask", "asof/inspect/check", "asof/inspect/query", "asof/inspect/bisect", "asof/inspect/whatif", "asof/inspect/wire"}, outside: []string{"github.com/modelcontextprotocol/go-sdk"}},
	"asof/cmd":                            {own: []string{"asof/cmd/browse", "asof/cmd/mcp", "asof/cmd/pager", "asof/replay/fault", "asof/replay", "asof/replay/place", "asof/replay/files", "asof/replay/state", "asof/replay/fold", "asof/replay/fold/exec", "asof/replay/fold/js", "asof/replay/project", "asof/replay/store", "asof/replay/snapshot", "asof/replay/workspace", "asof/inspect", "asof/inspect/ask", "asof/inspect/query", "asof/inspect/check", "asof/inspect/contrast", "asof/inspect/mine", "asof/inspect/live", "asof/inspect/bisect", "asof/inspect/whatif", "asof/inspect/why", "asof/inspect/audit", "asof/inspect/wire", "asof/inspect/scaffold", "asof/fixtures/demo", "asof/fixtures/sqlitefile", "asof/cmd/render"}, outside: []string{"github.com/spf13/cobra", "github.com/spf13/pflag", "golang.org/x/term", "github.com/schollz/progressbar/v3"}},
}

func TestHouse(t *testing.T) {
	t.Parallel()
	type pkg struct {
		ImportPath string
		Standard   bool
		Imports    []string
	}
	c := exec.Command("go", "list", "-json=ImportPath,Standard,Imports", "./...")
	c.Dir = ".."
	out, err := c.Output()
	if err != nil {
		t.Fatal(err)
	}
	within := func(path string, roots []string) bool {
		return slices.ContainsFunc(roots, func(r string) bool { return path == r || strings.HasPrefix(path, r+"/") })
	}
	d := json.NewDecoder(strings.NewReader(string(out)))
	for {
		var p pkg
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		row, ok := house[p.ImportPath]
		if !ok {
			t.Errorf("package %s has no row in the table", p.ImportPath)
			continue
		}
		for _, path := range p.Imports {
			first, _, _ := strings.Cut(path, "/")
			switch {
			case path == "asof" || strings.HasPrefix(path, "asof/"):
				if !slices.Contains(row.own, path) {
					t.Errorf("%s may not import %s", p.ImportPath, path)
				}
			case strings.Contains(first, "."):
				if !within(path, row.outside) {
					t.Errorf("%s may not import %s", p.ImportPath, path)
				}
			}
		}
	}
}

// testOnly are the packages that tests import and the program does not.
var testOnly = []string{"asof/fixtures", "asof/fixtures/testmain", "asof/fixtures/write", "asof/replay/store/storetest", "asof/replay/store/testdb"}

// TestProgramHasNoTestCode checks all that the program is linked from. It also
// checks that no package is called test-only without a test that imports it.
func TestProgramHasNoTestCode(t *testing.T) {
	t.Parallel()
	list := func(args ...string) []string {
		c := exec.Command("go", append([]string{"list"}, args...)...)
		c.Dir = ".."
		out, err := c.Output()
		if err != nil {
			t.Fatal(err)
		}
		return strings.Fields(string(out))
	}
	program := list("-deps", ".")
	tests := list("-deps", "-test", "./...")
	for _, path := range testOnly {
		if slices.Contains(program, path) {
			t.Errorf("the program imports %s, which is for tests", path)
		}
		if !slices.Contains(tests, path) {
			t.Errorf("no test imports %s", path)
		}
	}
}

// projectFiles returns the files of the project in some folders, or all.
func projectFiles(t *testing.T, folders ...string) []string {
	t.Helper()
	c := exec.Command("git", append([]string{"ls-files", "--cached", "--others", "--exclude-standard"}, folders...)...)
	c.Dir = ".."
	out, err := c.Output()
	if err != nil {
		t.Skipf("not a git checkout: %v", err)
	}
	return strings.Fields(string(out))
}

// goSources yields the Go files of the project, without tests, and their text.
func goSources(t *testing.T, folders ...string) iter.Seq2[string, []byte] {
	t.Helper()
	files := projectFiles(t, folders...)
	return func(yield func(string, []byte) bool) {
		for _, file := range files {
			if !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") {
				continue
			}
			src, err := os.ReadFile("../" + file)
			if os.IsNotExist(err) {
				continue // removed, and not yet committed
			}
			if err != nil {
				t.Fatal(err)
			}
			if !yield(file, src) {
				return
			}
		}
	}
}

// TestTopLevel holds the top of the repository to what the design lists.
func TestTopLevel(t *testing.T) {
	want := []string{
		".ci", ".git", ".gitignore", "CHANGELOG.md", "LICENSE", "README.md", "cmd", "fixtures",
		"go.mod", "go.sum", "inspect", "main.go", "replay", "testdata",
	}
	for _, path := range projectFiles(t) {
		top, _, _ := strings.Cut(path, "/")
		if !slices.Contains(want, top) {
			t.Errorf("%s: nothing but %s belongs at the top", path, strings.Join(want, ", "))
		}
	}
}

// TestBelowCmd holds the packages below cmd to leaving the terminal, the
// environment and the home folder alone. Package testmain runs only in tests.
func TestBelowCmd(t *testing.T) {
	banned := []string{"os.Stdout", "os.Stdin", "os.Stderr", "os.Getenv(", "os.LookupEnv(", "os.Environ(", "os.UserHomeDir(", "os.UserCacheDir("}
	for file, src := range goSources(t, "replay", "inspect", "fixtures") {
		for _, b := range banned {
			if strings.Contains(string(src), b) && path.Dir(file) != "fixtures/testmain" {
				t.Errorf("%s uses %s", file, b)
			}
		}
	}
}
