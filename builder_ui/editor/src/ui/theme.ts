/** Mantine dressed in our tokens: it decides how Mantine's names map to ours, and nothing about regions. */
import { createTheme, defaultVariantColorsResolver, type CSSVariablesResolver, type MantineColorsTuple, type VariantColorsResolver } from "@mantine/core";

const accent: MantineColorsTuple = [
  "#e0f2f3", "#c5e6e9", "#9dd5d9", "#6cc4cb", "#3bb8c3", "#1c9aa5", "#0b8390", "#0b7480", "#09616b", "#074e56",
];

/** Mantine's own dark scale leans to brown; ours leans to the water. From text to the deepest ground. */
const dark: MantineColorsTuple = [
  "#e6eef1", "#c3d0d6", "#a3b5bd", "#8b9ea8", "#3a4b54", "#26343b", "#1b272e", "#162127", "#0f171b", "#0a1013",
];

/** What is filled is written on in the ink that can be read there; Mantine writes white on whatever colour. */
const variants: VariantColorsResolver = (input) => {
  const colors = defaultVariantColorsResolver(input);
  if (input.variant !== "filled") return colors;
  if (input.color === "red") return { ...colors, background: "var(--bad)", hover: "color-mix(in srgb, var(--bad) 88%, var(--ink))", color: "var(--panel)" };
  return { ...colors, color: "var(--on-accent)" };
};

/** Where on the page lists and menus stand that open over it: a landmark, so that what is in them is found as all else is. */
export const OVERLAYS = "overlays";

/** What is closed is gone at once: while it faded it would go on taking the keys that are meant for the page. */
const AT_ONCE = { exitDuration: 0 };
const COMES = { transition: "fade-down", duration: 200, ...AT_ONCE } as const;

export const theme = createTheme({
  primaryColor: "accent",
  primaryShade: { light: 7, dark: 4 },
  colors: { accent, dark },
  fontFamily: "var(--font-text)",
  fontFamilyMonospace: "var(--font-mono)",
  headings: { fontFamily: "var(--font-text)", fontWeight: "600" },
  defaultRadius: "md",
  radius: { xs: "3px", sm: "5px", md: "7px", lg: "11px", xl: "16px" },
  spacing: { xs: "8px", sm: "12px", md: "16px", lg: "24px", xl: "32px" },
  fontSizes: { xs: "12px", sm: "13px", md: "14px", lg: "16px", xl: "20px" },
  lineHeights: { xs: "1.4", sm: "1.45", md: "1.5", lg: "1.5", xl: "1.4" },
  variantColorResolver: variants,
  cursorType: "pointer",
  focusRing: "auto",
  respectReducedMotion: true,
  components: {
    Button: { defaultProps: { size: "xs", variant: "default" } },
    ActionIcon: { defaultProps: { size: 30, variant: "subtle", color: "gray" } },
    TextInput: { defaultProps: { size: "xs" } },
    Textarea: { defaultProps: { size: "xs" } },
    NumberInput: { defaultProps: { size: "xs" } },
    PasswordInput: { defaultProps: { size: "xs" } },
    Select: { defaultProps: { size: "xs", comboboxProps: { shadow: "md" } } },
    MultiSelect: { defaultProps: { size: "xs" } },
    TagsInput: { defaultProps: { size: "xs" } },
    Switch: { defaultProps: { size: "xs" } },
    Checkbox: { defaultProps: { size: "xs" } },
    SegmentedControl: { defaultProps: { size: "xs" }, styles: { label: { paddingInline: 10 } } },
    InputWrapper: { styles: { label: { fontWeight: 500, marginBottom: 4 }, description: { marginBottom: 4 } } },
    Popover: { defaultProps: { portalProps: { target: `#${OVERLAYS}` } } },
    // It opens on its first entry, and Tab too goes on from there: Mantine's own stop before it is no part of a menu.
    Menu: { defaultProps: { shadow: "md", withinPortal: true, withInitialFocusPlaceholder: false, menuItemTabIndex: 0, transitionProps: { duration: 150, ...AT_ONCE } } },
    Modal: { defaultProps: { centered: true, radius: "lg", overlayProps: { backgroundOpacity: 0.35 }, transitionProps: COMES } },
    ModalRoot: { defaultProps: { radius: "lg", transitionProps: COMES } },
    ModalOverlay: { defaultProps: { backgroundOpacity: 0.35 } },
    Tooltip: { defaultProps: { openDelay: 400, withArrow: true, fz: "xs", portalProps: { target: `#${OVERLAYS}` } } },
  },
});

/** Mantine's own variables, pointed at our tokens, so that its parts follow light and dark by themselves. */
export const resolver: CSSVariablesResolver = () => {
  const shared = {
    "--mantine-color-body": "var(--panel)",
    "--mantine-color-text": "var(--ink)",
    "--mantine-color-bright": "var(--ink)",
    "--mantine-color-dimmed": "var(--ink-2)",
    "--mantine-color-placeholder": "var(--ink-3)",
    "--mantine-color-error": "var(--bad)",
    "--mantine-color-success": "var(--ok)",
    "--mantine-color-anchor": "var(--accent)",
    "--mantine-color-default": "var(--panel)",
    "--mantine-color-default-hover": "var(--soft)",
    "--mantine-color-default-color": "var(--ink)",
    "--mantine-color-default-border": "var(--line-strong)",
    "--mantine-color-disabled": "var(--soft)",
    "--mantine-color-disabled-color": "var(--ink-3)",
    "--mantine-color-disabled-border": "var(--line)",
    "--mantine-primary-color-contrast": "var(--on-accent)",
    "--mantine-primary-color-filled": "var(--accent)",
    "--mantine-primary-color-filled-hover": "var(--accent-hover)",
    "--mantine-primary-color-light": "var(--accent-soft)",
    "--mantine-primary-color-light-hover": "var(--accent-soft)",
    "--mantine-primary-color-light-color": "var(--accent)",
    "--mantine-color-accent-filled": "var(--accent)",
    "--mantine-color-accent-filled-hover": "var(--accent-hover)",
    "--mantine-color-accent-light": "var(--accent-soft)",
    "--mantine-color-accent-light-hover": "var(--accent-soft)",
    "--mantine-color-accent-light-color": "var(--accent)",
    "--mantine-color-accent-outline": "var(--accent)",
    "--mantine-color-accent-contrast": "var(--on-accent)",
    "--mantine-color-gray-light-color": "var(--ink-2)",
    "--mantine-color-gray-light-hover": "var(--soft)",
    "--mantine-color-red-6": "var(--bad)",
    "--mantine-color-red-light": "var(--bad-soft)",
    "--mantine-color-red-light-color": "var(--bad)",
    "--mantine-color-red-light-hover": "var(--bad-soft)",
    "--mantine-color-red-outline": "var(--bad)",
  };
  return { variables: {}, light: shared, dark: shared };
};
