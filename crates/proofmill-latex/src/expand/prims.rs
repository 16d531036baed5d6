//! Commands that the expander executes itself.

/// What a command makes the expander do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Prim {
    /// Nothing special.
    None,
    /// `\newcommand` and kin; how an existing definition is treated.
    NewCommand,
    RenewCommand,
    ProvideCommand,
    /// `\def` and kin.
    Def,
    Gdef,
    Edef,
    Xdef,
    Let,
    /// `\global`, `\long`, `\outer`, `\protected`.
    Global,
    Prefix,
    NewIf,
    /// Any conditional.
    If,
    Else,
    Fi,
    Or,
    IfThenElse,
    Csname,
    ExpandAfter,
    NoExpand,
    IfStar,
    IfNextChar,
    IfUndefined,
    NameDef,
    NameUse,
    FirstOfTwo,
    SecondOfTwo,
    FirstOfOne,
    Gobble,
    Ensuremath,
    Xspace,
    String,
    The,
    Number,
    Input,
    Import,
    Subfile,
    EndInput,
    UsePackage,
    DocumentClass,
    NewEnvironment,
    NewTheorem,
    DeclareTheorem,
    TheoremStyle,
    MathOperator,
    PairedDelimiter,
    PairedDelimiterX,
    PairedDelimiterXpp,
    Xparse,
    XparseEnvironment,
    XparseTest,
    Label,
    NoNumber,
    MathChoice,
    AmsComment,
    NewRegister,
    Advance,
    Begin,
    End,
    BeginGroup,
    EndGroup,
    OpenMath,
    Title,
    Author,
    Bibliography,
    AtLetter,
    AtOther,
    HookBody,
    Verb,
    VerbArg,
    StopDocument,
    Hbox,
    Rule,
    Char,
    ExcludeComment,
    AmsHead,
    AmsProclaim,
    AmsEnd,
    AmsRefs,
    AmsDefine,
    PatchCommand,
    GobbleTwo,
    DefineShortVerb,
    MathChar,
    LoopBody,
    DeclareOption,
    Counter,
    Boolean,
    ArgumentTest,
    Unless,
    ForEach,
    ForEachIn,
    Iterate,
    Font,
    FutureLet,
    PlainHeading,
    Numeral,
    ReferenceName,
    NewBoxedTheorem,
    NewCommandX,
    NewEnvironmentX,
    NewEnviron,
    NewVerbatim,
    ListLoop,
    AmsAbstract,
    AmsDocument,
    Italic,
    Discard,
}

/// What the command `name` makes the expander do.
#[expect(clippy::too_many_lines, reason = "a table")]
pub(crate) fn prim(name: &str) -> Prim {
    match name {
        "newcommand" | "newrobustcmd" => Prim::NewCommand,
        "renewcommand"
        | "DeclareRobustCommand"
        | "renewrobustcmd"
        | "DeclareRobustOperator"
        | "DeclareTextFontCommand" => Prim::RenewCommand,
        "providecommand" | "providerobustcmd" => Prim::ProvideCommand,
        "newcommandx" | "renewcommandx" | "providecommandx" | "DeclareRobustCommandx" => {
            Prim::NewCommandX
        }
        "newenvironmentx" | "renewenvironmentx" => Prim::NewEnvironmentX,
        "NewEnviron" | "RenewEnviron" => Prim::NewEnviron,
        "def" => Prim::Def,
        "gdef" => Prim::Gdef,
        "edef" | "protected@edef" => Prim::Edef,
        "xdef" | "protected@xdef" => Prim::Xdef,
        "define" | "redefine" | "predefine" => Prim::AmsDefine,
        "let" => Prim::Let,
        "global" => Prim::Global,
        "long" | "outer" | "protected" => Prim::Prefix,
        "newif" => Prim::NewIf,
        "if" | "ifcat" | "ifnum" | "ifdim" | "ifodd" | "ifvmode" | "ifhmode" | "ifmmode"
        | "ifinner" | "ifvoid" | "ifhbox" | "ifvbox" | "ifx" | "ifeof" | "iftrue" | "iffalse"
        | "ifcase" | "ifdefined" | "ifcsname" | "ifpdf" | "ifxetex" | "ifluatex" | "iftutex"
        | "ifpdftex" | "if@twocolumn" | "if@twoside" | "if@compatibility" | "if@titlepage"
        | "if@filesw" | "ifxetexorluatex" | "ifPDFTeX" | "ifXeTeX" | "ifLuaTeX" => Prim::If,
        "else" => Prim::Else,
        "fi" => Prim::Fi,
        "or" => Prim::Or,
        "ifthenelse" => Prim::IfThenElse,
        "csname" => Prim::Csname,
        "expandafter" => Prim::ExpandAfter,
        "noexpand" | "unexpanded" | "detokenize" => Prim::NoExpand,
        "@ifstar" => Prim::IfStar,
        "@ifnextchar" | "@testopt" | "kernel@ifnextchar" => Prim::IfNextChar,
        "@ifundefined" | "ifcsdef" | "ifdef" | "ifundef" | "ifcsundef" => Prim::IfUndefined,
        "@namedef" | "csdef" | "csgdef" => Prim::NameDef,
        "@nameuse" | "csuse" => Prim::NameUse,
        "@firstoftwo" | "texorpdfstring" => Prim::FirstOfTwo,
        "@secondoftwo" => Prim::SecondOfTwo,
        "@firstofone" | "@iden" => Prim::FirstOfOne,
        "@gobble" => Prim::Gobble,
        "@gobbletwo" => Prim::GobbleTwo,
        "ensuremath" => Prim::Ensuremath,
        "xspace" => Prim::Xspace,
        "string" => Prim::String,
        "the" => Prim::The,
        "number" | "romannumeral" => Prim::Number,
        "arabic" | "roman" | "Roman" | "alph" | "Alph" | "fnsymbol" => Prim::Numeral,
        "crefname" | "Crefname" => Prim::ReferenceName,
        "input" | "include" | "@input" | "InputIfFileExists" | "loadfile" | "verbatiminputx" => {
            Prim::Input
        }
        "import" | "subimport" | "inputfrom" | "subinputfrom" | "includefrom"
        | "subincludefrom" => Prim::Import,
        "subfile" | "subfileinclude" => Prim::Subfile,
        "endinput" => Prim::EndInput,
        "usepackage" | "RequirePackage" | "RequirePackageWithOptions" => Prim::UsePackage,
        "documentclass" | "documentstyle" | "LoadClass" | "LoadClassWithOptions" => {
            Prim::DocumentClass
        }
        "newenvironment" | "renewenvironment" | "provideenvironment" => Prim::NewEnvironment,
        "newtheorem"
        | "spnewtheorem"
        | "newproclaim"
        | "newmdtheoremenv"
        | "newdefinition"
        | "newproof"
        | "newshadetheorem"
        | "newframedtheorem"
        | "newtheoremwithcounter" => Prim::NewTheorem,
        "newtcbtheorem" | "renewtcbtheorem" => Prim::NewBoxedTheorem,
        "declaretheorem" => Prim::DeclareTheorem,
        "newtheoremstyle" | "declaretheoremstyle" => Prim::TheoremStyle,
        "DeclareMathOperator" => Prim::MathOperator,
        "DeclarePairedDelimiter" => Prim::PairedDelimiter,
        "DeclarePairedDelimiterX" => Prim::PairedDelimiterX,
        "DeclarePairedDelimiterXPP" => Prim::PairedDelimiterXpp,
        "NewDocumentCommand"
        | "RenewDocumentCommand"
        | "ProvideDocumentCommand"
        | "DeclareDocumentCommand"
        | "NewExpandableDocumentCommand"
        | "DeclareExpandableDocumentCommand"
        | "RenewExpandableDocumentCommand" => Prim::Xparse,
        "NewDocumentEnvironment"
        | "RenewDocumentEnvironment"
        | "ProvideDocumentEnvironment"
        | "DeclareDocumentEnvironment" => Prim::XparseEnvironment,
        "newdimen" | "newcount" | "newskip" | "newlength" | "newmuskip" | "newtoks" | "newbox"
        | "newread" | "newwrite" | "newfam" | "newsavebox" => Prim::NewRegister,
        "newcounter" | "setcounter" | "addtocounter" | "stepcounter" | "refstepcounter"
        | "numberwithin" | "counterwithin" | "counterwithout" | "@addtoreset"
        | "@removefromreset" => Prim::Counter,
        "lstnewenvironment" | "newminted" | "newtcblisting" | "DefineVerbatimEnvironment" => {
            Prim::NewVerbatim
        }
        "advance" | "multiply" | "divide" => Prim::Advance,
        "begin" => Prim::Begin,
        "end" => Prim::End,
        "begingroup" | "bgroup" => Prim::BeginGroup,
        "endgroup" | "egroup" => Prim::EndGroup,
        "(" | ")" | "[" | "]" => Prim::OpenMath,
        "title" => Prim::Title,
        "author" => Prim::Author,
        "bibliography" => Prim::Bibliography,
        "makeatletter" => Prim::AtLetter,
        "makeatother" => Prim::AtOther,
        "AtBeginDocument" | "AtEndDocument" | "AtEndOfClass" | "AtEndOfPackage"
        | "AfterEndPreamble" => Prim::HookBody,
        "verb" | "lstinline" | "mintinline" | "Verb" => Prim::Verb,
        "path" | "url" | "nolinkurl" | "href" => Prim::VerbArg,
        "bye" | "enddocument" => Prim::StopDocument,
        "hbox" | "vbox" | "vtop" | "mbox" => Prim::Hbox,
        "hrule" | "vrule" => Prim::Rule,
        "char" | "symbol" => Prim::Char,
        "label" => Prim::Label,
        "nonumber" | "notag" => Prim::NoNumber,
        "IfNoValueTF" | "IfNoValueT" | "IfNoValueF" | "IfValueTF" | "IfValueT" | "IfValueF"
        | "IfBooleanTF" | "IfBooleanT" | "IfBooleanF" | "IfBlankTF" | "IfBlankT" | "IfBlankF" => {
            Prim::XparseTest
        }
        "mathchoice" => Prim::MathChoice,
        "comment" => Prim::AmsComment,
        "excludecomment" => Prim::ExcludeComment,
        "head" | "subhead" | "subsubhead" | "specialhead" | "heading" => Prim::AmsHead,
        "proclaim" | "demo" | "definition" | "remark" | "example" => Prim::AmsProclaim,
        "endproclaim" | "enddemo" | "enddefinition" | "endremark" | "endexample" => Prim::AmsEnd,
        "Refs" => Prim::AmsRefs,
        "patchcmd" | "apptocmd" | "pretocmd" | "xpatchcmd" => Prim::PatchCommand,
        "DefineShortVerb" | "MakeShortVerb" => Prim::DefineShortVerb,
        "mathchardef" | "chardef" | "countdef" | "dimendef" => Prim::MathChar,
        "loop" => Prim::LoopBody,
        "loop repeat" => Prim::Iterate,
        "@for" | "@tfor" => Prim::ForEach,
        "foreach" => Prim::ForEachIn,
        "forcsvlist" | "docsvlist" => Prim::ListLoop,
        "unless" => Prim::Unless,
        "newboolean" | "provideboolean" | "setboolean" | "newbool" | "providebool" | "setbool"
        | "booltrue" | "boolfalse" | "newtoggle" | "providetoggle" | "settoggle" | "toggletrue"
        | "togglefalse" => Prim::Boolean,
        "iftoggle" | "nottoggle" | "ifbool" | "notbool" | "ifblank" | "notblank" | "ifstrempty"
        | "ifstrequal" | "ifdefstring" | "ifcsstring" | "ifdefempty" | "ifdefvoid"
        | "ifcsempty" | "ifcsvoid" | "ifdefequal" | "ifnumcomp" | "ifnumequal" | "ifnumgreater"
        | "ifnumless" | "ifnumodd" => Prim::ArgumentTest,
        "font" | "newfont" | "DeclareFixedFont" => Prim::Font,
        "futurelet" => Prim::FutureLet,
        "beginsection" => Prim::PlainHeading,
        "DeclareOption" => Prim::DeclareOption,
        "/" | "-" => Prim::Italic,
        "document" => Prim::AmsDocument,
        "abstract" => Prim::AmsAbstract,
        "rule" | "titlespacing" | "titleformat" | "newcolumntype" | "newsymbol" => Prim::Discard,
        _ => Prim::None,
    }
}
