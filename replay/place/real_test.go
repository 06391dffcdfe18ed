package place

import (
	"os"
	"path/filepath"
	"testing"
)

// TestReal follows .. from where a link leads: the current folder is reached through a
// link, and so is a folder within the path.
func TestReal(t *testing.T) {
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	deep := filepath.Join(root, "data", "deep")
	link := filepath.Join(root, "link")
	file := filepath.Join(root, "data", "shop.db")
	for _, err := range []error{os.MkdirAll(deep, 0o777), os.Symlink(deep, link), os.WriteFile(file, nil, 0o600)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(link)
	for _, path := range []string{"../shop.db", link + "/../shop.db", "../deep/../shop.db", file} {
		if got, err := Real(path); err != nil || got != file {
			t.Errorf("%s: %q, %v; want %q", path, got, err, file)
		}
	}
	for path, want := range map[string]string{"../shop.db": file, "../none.db": filepath.Join(root, "none.db"), "new.js": filepath.Join(link, "new.js")} {
		if got := Join(link, path); got != want {
			t.Errorf("%s from the link: %q, want %q", path, got, want)
		}
	}
	if !Leads(link, "../shop.db", file) || !Leads(filepath.Join(link, "new"), "../../shop.db", file) {
		t.Error("the store is not found from the folder that the link leads to")
	}
	if Leads(link, "data/shop.db", file) || Leads(filepath.Join(root, "none", "none"), "../../data/shop.db", file) {
		t.Error("a store is found where there is none")
	}
}
