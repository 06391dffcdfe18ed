package cell

import (
	"strings"
)

// CategoryBeforeDash is the convention of stores whose streams are CATEGORY-ID.
func CategoryBeforeDash(stream string) string {
	category, _, found := strings.Cut(stream, "-")
	if !found {
		return ""
	}
	return category
}

// CategoryOfName is the convention of stores whose streams may be named
// CATEGORY-ID, or by a UUID alone, which has dashes too.
func CategoryOfName(stream string) string {
	if _, uuid := UUIDDigits(stream); uuid {
		return ""
	}
	return CategoryBeforeDash(stream)
}
