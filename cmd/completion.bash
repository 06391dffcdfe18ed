# What the package bash-completion does for the script below, where it is missing:
# sets cur, prev, words and cword, with words that bash broke at one of the
# characters behind -n joined again.
if ! declare -F _get_comp_words_by_ref >/dev/null 2>&1; then
_get_comp_words_by_ref()
{
    local chars= rest=$COMP_LINE before w i n=-1
    [[ $1 != -n ]] || chars=$2
    words=()
    for ((i = 0; i < ${#COMP_WORDS[@]}; i++)); do
        w=${COMP_WORDS[i]}
        if [[ -n $w ]]; then
            before=${rest%%"$w"*}
            rest=${rest#*"$w"}
        else
            before=${rest:0:1}
        fi
        if ((n >= 0)) && [[ $before != *[[:space:]]* ]] &&
            [[ $chars == *"${w:0:1}"* || $chars == *"${words[n]: -1}"* ]]; then
            words[n]+=$w
        else
            words[++n]=$w
        fi
        ((i != COMP_CWORD)) || cword=$n
    done
    cur=${words[cword]} prev=
    ((cword == 0)) || prev=${words[cword-1]}
}
fi

# Closes the quote that is open in the last word, so that the line can be read, and
# keeps it in __asof_quote.
__asof_close_quote()
{
    local i c
    __asof_quote=
    for ((i = 0; i < ${#cur}; i++)); do
        c=${cur:i:1}
        case $__asof_quote$c in
        \\ | \"\\) ((i++)) ;;
        \' | \") __asof_quote=$c ;;
        \'\' | \"\") __asof_quote= ;;
        esac
    done
    words[cword]+=$__asof_quote
}

# Sets __asof_value to what a word is without its quotes. A word that runs something
# stays as it is.
__asof_unquote()
{
    __asof_value=$1
    [[ $1 == *[\$\`]* ]] || eval "__asof_value=$1" 2>/dev/null || __asof_value=$1
}

# Offers what matches, quoted as the word is. Bash replaces what stands behind the last
# : or =, or from the last @ on, where these break words: only that is left of an offer.
__asof_offer()
{
    local tab=$'\t' breaks=${COMP_WORDBREAKS//[!:=@]/} typed skip= before behind offer text longest=0
    __asof_unquote "$cur$__asof_quote"
    typed=$__asof_value
    if [[ -z $__asof_quote && -n $breaks && $cur == *["$breaks"]* ]]; then
        behind=${cur##*["$breaks"]}
        before=${cur%"$behind"}
        [[ $before != *@ ]] || before=${before%@}
        __asof_unquote "$before"
        skip=$__asof_value
    fi
    for offer in "${completions[@]}"; do
        text=${offer%%$tab*}
        [[ $text == "$typed"* ]] || continue
        text=${text#"$skip"}
        case $__asof_quote in
        \') text=${text//\'/\'\\\'\'} ;;
        \") text=${text//\\/\\\\} text=${text//\"/\\\"} text=${text//\$/\\\$} text=${text//\`/\\\`} ;;
        *) printf -v text %q "$text" ;;
        esac
        ((${#text} <= longest)) || longest=${#text}
        [[ $offer != *$tab* || $COMP_TYPE == 37 || $COMP_TYPE == 42 ]] || text+=$tab${offer#*$tab}
        COMPREPLY+=("$text")
    done
    if ((${#COMPREPLY[@]} == 1)); then
        COMPREPLY[0]=${COMPREPLY[0]%%$tab*}
    else
        __asof_format_comp_descriptions $longest
    fi
}

