; The installer for Windows: for one user, without an administrator. Compiled on any system by makensis:
;
;   makensis -DVERSION=0.1.0 -DTREE=FOLDER -DOUT=Tacit-0.1.0-setup.exe packaging/windows/tacit.nsi
;
; TREE is the frozen tree, made on Windows by PyInstaller from packaging/tacit.spec. Compiled in tests over a stand-in tree;
; not yet run on Windows with the real one (packaging/RELEASING.md has the checks). A rule of the firewall would need an
; administrator, and so is not made.
Unicode true
!include "MUI2.nsh"
!include "FileFunc.nsh"
!include "x64.nsh"
!macro REQUIRE NAME
  !ifndef ${NAME}
    !error "${NAME} must be given"
  !endif
!macroend
!insertmacro REQUIRE VERSION
!insertmacro REQUIRE TREE
!insertmacro REQUIRE OUT
!define APP "Tacit"
!define EXE "tacit.exe"
!define ENTRY "Software\Microsoft\Windows\CurrentVersion\Uninstall\${APP}"
!define CLASSES "Software\Classes"

Name "${APP} ${VERSION}"
OutFile "${OUT}"
RequestExecutionLevel user
InstallDir "$LOCALAPPDATA\Programs\${APP}"
InstallDirRegKey HKCU "Software\${APP}" "InstallDir"
ManifestDPIAware true
ManifestSupportedOS Win10
SetCompressor /SOLID lzma
VIProductVersion "${VERSION}.0"
VIAddVersionKey ProductName "${APP}"
VIAddVersionKey FileDescription "${APP}, a private assistant for recorded calls"
VIAddVersionKey FileVersion "${VERSION}"
VIAddVersionKey ProductVersion "${VERSION}"
VIAddVersionKey LegalCopyright "Apache License 2.0"

!ifdef ICON
  !define MUI_ICON "${ICON}"
  !define MUI_UNICON "${ICON}"
!endif
!define MUI_ABORTWARNING
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!define MUI_FINISHPAGE_RUN "$INSTDIR\${EXE}"
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE "English"
!insertmacro MUI_LANGUAGE "German"

LangString KEPT ${LANG_ENGLISH} "Your vault, models and settings were left in $LOCALAPPDATA\tacit. Delete that folder to delete every call for good."
LangString KEPT ${LANG_GERMAN} "Tresor, Modelle und Einstellungen liegen weiter in $LOCALAPPDATA\tacit. Wer diesen Ordner löscht, löscht alle Gespräche endgültig."
LangString OPEN ${LANG_ENGLISH} "Tacit is open. Close it, and try again."
LangString OPEN ${LANG_GERMAN} "Tacit ist geöffnet. Schließen Sie es, und versuchen Sie es noch einmal."

; A program that runs can't be replaced: its file can't be opened for writing.
!macro REQUIRE_CLOSED
  again:
  ${If} ${FileExists} "$INSTDIR\${EXE}"
    ClearErrors
    FileOpen $0 "$INSTDIR\${EXE}" a
    ${If} ${Errors}
      MessageBox MB_RETRYCANCEL|MB_ICONEXCLAMATION "$(OPEN)" /SD IDCANCEL IDRETRY again
      SetErrorLevel 2
      Quit
    ${EndIf}
    FileClose $0
  ${EndIf}
!macroend

Function .onInit
  ${IfNot} ${RunningX64}
    MessageBox MB_ICONSTOP "Tacit needs Windows of 64 bits." /SD IDOK
    Abort
  ${EndIf}
FunctionEnd

!macro OPENED_WITH ENDING
  WriteRegStr HKCU "${CLASSES}\Applications\${EXE}\SupportedTypes" "${ENDING}" ""
!macroend

Section "Tacit"
  SectionIn RO
  !insertmacro REQUIRE_CLOSED
  SetOutPath "$INSTDIR"
  RMDir /r "$INSTDIR\_internal" ; files of two versions never lie together
  File /r "${TREE}\*.*"
  WriteUninstaller "$INSTDIR\uninstall.exe"
  CreateShortcut "$SMPROGRAMS\${APP}.lnk" "$INSTDIR\${EXE}"
  WriteRegStr HKCU "Software\${APP}" "InstallDir" "$INSTDIR"
  WriteRegStr HKCU "${ENTRY}" "DisplayName" "${APP}"
  WriteRegStr HKCU "${ENTRY}" "DisplayVersion" "${VERSION}"
  WriteRegStr HKCU "${ENTRY}" "Publisher" "The Tacit maintainers"
  WriteRegStr HKCU "${ENTRY}" "DisplayIcon" "$INSTDIR\${EXE}"
  WriteRegStr HKCU "${ENTRY}" "UninstallString" '"$INSTDIR\uninstall.exe"'
  WriteRegStr HKCU "${ENTRY}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /S'
  WriteRegDWORD HKCU "${ENTRY}" "NoModify" 1
  WriteRegDWORD HKCU "${ENTRY}" "NoRepair" 1
  ${GetSize} "$INSTDIR" "/S=0K" $0 $1 $2
  WriteRegDWORD HKCU "${ENTRY}" "EstimatedSize" $0
  ; "Open with", and nobody's default
  WriteRegStr HKCU "${CLASSES}\Applications\${EXE}\shell\open\command" "" '"$INSTDIR\${EXE}" import "%1"'
  !insertmacro OPENED_WITH ".m4a"
  !insertmacro OPENED_WITH ".mp3"
  !insertmacro OPENED_WITH ".mp4"
  !insertmacro OPENED_WITH ".wav"
  !insertmacro OPENED_WITH ".flac"
  !insertmacro OPENED_WITH ".ogg"
  !insertmacro OPENED_WITH ".opus"
  !insertmacro OPENED_WITH ".webm"
  System::Call 'shell32::SHChangeNotify(i 0x08000000, i 0, p 0, p 0)'
SectionEnd

Section "Uninstall"
  !insertmacro REQUIRE_CLOSED
  Delete "$SMPROGRAMS\${APP}.lnk"
  RMDir /r "$INSTDIR\_internal"
  Delete "$INSTDIR\${EXE}"
  Delete "$INSTDIR\uninstall.exe"
  RMDir "$INSTDIR" ; only if nothing else is in it
  DeleteRegKey HKCU "${ENTRY}"
  DeleteRegKey HKCU "Software\${APP}"
  DeleteRegKey HKCU "${CLASSES}\Applications\${EXE}"
  ${If} ${FileExists} "$LOCALAPPDATA\tacit\*.*"
    MessageBox MB_ICONINFORMATION "$(KEPT)" /SD IDOK
  ${EndIf}
SectionEnd
