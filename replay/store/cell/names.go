package cell

import (
	"strings"
)

// CategoryBeforeDash returns CATEGORY of a stream named CATEGORY-ID.
func CategoryBeforeDash(stream string) string {
	category, _, found := strings.Cut(stream, "-")
	if !found {
		return ""
	}
	return category
}

// CategoryOfName is like [CategoryBeforeDash], but a plain UUID, which has dashes too,
// has no category.
func CategoryOfName(stream string) string {
	if _, uuid := UUIDDigits(stream); uuid {
		return ""
	}
	return CategoryBeforeDash(stream)
}
