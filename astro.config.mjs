import { readFileSync } from 'node:fs';
import { satteri } from '@astrojs/markdown-satteri';
import mdx from '@astrojs/mdx';
import starlight from '@astrojs/starlight';
import { defineConfig } from 'astro/config';
import { COURSE_GROUP, snippetGroups } from './site/sidebar.ts';
import { codeTheme } from './site/styles/code-theme.ts';
import { readTokens } from './site/styles/tokens.ts';

// Astro would report each build to its makers.
process.env.ASTRO_TELEMETRY_DISABLED = '1';

/** `BASE`: the path that the site is served under, "/" if not set. `SITE`: its origin, for canonical links; may be left out. */
const { BASE: base = '/', SITE: site } = process.env;

const tokens = readTokens(readFileSync(new URL('./site/styles/tokens.css', import.meta.url), 'utf8'));

export default defineConfig({
  ...(site && { site }),
  base,
  srcDir: './site',
  publicDir: './site/public',
  trailingSlash: 'always',
  markdown: { processor: satteri({ features: { gfm: { footnotes: { label: 'Sources' } } } }) },
  vite: {
    build: {
      rolldownOptions: {
        // Astro's own marks in its own modules: nothing that a reader of the build's output could act on.
        onwarn: (warning, warn) => warning.code === 'MODULE_LEVEL_DIRECTIVE' || warn(warning),
      },
    },
  },
  integrations: [
    starlight({
      title: 'Hello MPTCP',
      titleDelimiter: '·',
      description: 'Learn Multipath TCP by running it, in your programming language, on a real kernel.',
      favicon: '/mark.svg',
      customCss: [
        './site/styles/tokens.css',
        './site/styles/fonts.css',
        './site/styles/starlight.css',
        './site/styles/prose.css',
      ],
      components: {
        Head: './site/components/frame/Head.astro',
        Header: './site/components/frame/Header.astro',
        SiteTitle: './site/components/frame/SiteTitle.astro',
        ThemeSelect: './site/components/frame/ThemeSwitch.astro',
        Sidebar: './site/components/frame/Sidebar.astro',
        Hero: './site/components/home/Hero.astro',
        PageTitle: './site/components/frame/PageTitle.astro',
        Footer: './site/components/frame/Footer.astro',
      },
      sidebar: [
        { label: 'Start', items: [{ slug: 'index', label: 'In a minute' }] },
        COURSE_GROUP,
        ...snippetGroups('snippets'),
        // All pages of that folder, in the order of `sidebar.order` in their frontmatter.
        { label: 'Self-host', items: [{ autogenerate: { directory: 'self-host' } }] },
        { label: 'This site', items: [{ slug: 'about', label: 'About' }] },
      ],
      disable404Route: true,
      tableOfContents: false,
      pagination: false,
      expressiveCode: {
        themes: [codeTheme('dark', tokens.dark), codeTheme('light', tokens.light)],
        useStarlightUiThemeColors: false,
        minSyntaxHighlightingColorContrast: 0,
        defaultProps: { wrap: true, hangingIndent: 2 },
        styleOverrides: {
          borderColor: 'var(--line)',
          borderRadius: 'var(--radius)',
          codeBackground: 'var(--sunken)',
          codeFontSize: '0.84375rem',
          codeLineHeight: '1.65',
          frames: {
            editorBackground: 'var(--sunken)',
            terminalBackground: 'var(--sunken)',
            editorActiveTabBackground: 'var(--sunken)',
            editorTabBarBackground: 'var(--sunken)',
            editorActiveTabIndicatorTopColor: 'transparent',
            editorActiveTabIndicatorBottomColor: 'transparent',
            editorTabBarBorderBottomColor: 'var(--line)',
            terminalTitlebarBackground: 'var(--sunken)',
            terminalTitlebarBorderBottomColor: 'var(--line)',
            terminalTitlebarDotsOpacity: '0',
            frameBoxShadowCssValue: 'none',
            inlineButtonForeground: 'var(--soft)',
          },
        },
      },
    }),
    mdx(),
  ],
});
